// The project file with every default and path resolved: what adapters are made from.
import type { Project } from '../../schemas/project.ts';
import type { S3Settings } from '../s3-settings.ts';

export interface Config {
  readonly project: string;
  /** Absolute path of the project file, and the folder that its relative paths start from. */
  readonly file: string;
  readonly folder: string;
  /** Absolute path of a folder of definition files, or of one file. */
  readonly definitions: string;
  /** Absolute path of a folder, or s3://bucket/prefix. */
  readonly storage: string;
  readonly s3: S3Settings;
  readonly online: OnlineConfig;
  readonly engine: EngineConfig;
  readonly log: LogConfig;
  readonly leaseTermMillis: number;
  readonly server: Project['server'];
  readonly schedules: Project['schedules'];
  readonly notify: { readonly url: string | null };
  readonly retention: RetentionConfig;
}

/** What is among the newest `keep` stays, and so does what is younger than `maxAgeMicros`. */
export interface RetentionConfig {
  readonly graceMicros: bigint;
  readonly snapshots: { readonly keep: number; readonly maxAgeMicros: bigint };
  /** Both null: all stay. */
  readonly datasets: { readonly keep: number | null; readonly maxAgeMicros: bigint | null };
  readonly jobs: { readonly maxAgeMicros: bigint };
  readonly audit: { readonly maxAgeMicros: bigint };
}

type Kind<T, K extends string> = Extract<T, { readonly kind: K }>;
type Redis = Kind<Project['online'], 'redis'>;
type Spark = Kind<Project['engine'], 'spark'>;

export type OnlineConfig = Lmdb | Kind<Project['online'], 'memory'> | Redis;

interface Lmdb extends Omit<Kind<Project['online'], 'lmdb'>, 'path'> {
  /** Absolute. */
  readonly path: string;
}

export type LogConfig = EmbeddedLog | Kind<Project['log'], 'kafka'>;

interface EmbeddedLog extends Omit<Kind<Project['log'], 'embedded'>, 'path' | 'retention'> {
  /** Absolute. */
  readonly path: string;
  readonly retention: LogRetentionConfig;
}

/** What is older leaves, and of the rest of a source the oldest, until no more than `maxBytes` is left. */
export interface LogRetentionConfig {
  readonly maxAgeMicros: bigint;
  /** null: there is no bound. */
  readonly maxBytes: number | null;
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
