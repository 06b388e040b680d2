/** Of one server, on one machine; for the project file and the command line, which loads no zod for it. */
export const MOST_WORKERS = 256;
