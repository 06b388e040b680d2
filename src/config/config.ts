// The project file with every default and path resolved: what adapters are made from.
import type { Project } from '../../schemas/project.ts';

export interface Config {
  readonly project: string;
  /** Absolute path of the project file, and the folder that its relative paths start from. */
  readonly file: string;
  readonly folder: string;
  /** Absolute path of a folder of definition files, or of one file. */
  readonly definitions: string;
  /** Absolute path of a folder, or s3://bucket/prefix. */
  readonly storage: string;
  readonly s3: S3Config;
  readonly online: OnlineConfig;
  readonly engine: EngineConfig;
  readonly log: Project['log'];
  readonly leaseTermMillis: number;
  readonly server: Project['server'];
}

type Kind<T, K extends string> = Extract<T, { readonly kind: K }>;
type Redis = Kind<Project['online'], 'redis'>;
type Spark = Kind<Project['engine'], 'spark'>;

export type OnlineConfig = { readonly kind: 'lmdb'; readonly path: string } | { readonly kind: 'memory' } | Redis;

/** The service of s3:// addresses; credentials come from the SDK's chain. */
export interface S3Config {
  /** null: AWS. */
  readonly endpoint: string | null;
  /** null: what the environment or the profile says. */
  readonly region: string | null;
  readonly forcePathStyle: boolean;
  /** Absolute path. */
  readonly cacheFolder: string;
  readonly cacheBytes: number;
  readonly maxConnections: number;
  readonly retryForMillis: number;
  readonly requestTimeoutMillis: number;
}

export interface DuckdbConfig {
  readonly kind: 'duckdb';
  /** null: half of the machine. */
  readonly memoryLimitBytes: number | null;
  /** null: the cores of the machine. */
  readonly threads: number | null;
  /** Absolute path of the folder that the engine spills to; null: beside the work in progress, under storage or in s3.cacheFolder. */
  readonly tempFolder: string | null;
}

export type EngineConfig = DuckdbConfig | Spark;
