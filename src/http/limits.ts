// What one HTTP request may ask for.
import type { Project } from '../../schemas/project.ts';

export type HttpLimits = Readonly<Project['server']['limits']>;
