// What files, parts and objects come to together.

export const totalRows = (parts: readonly { readonly rows: number }[]): number =>
  parts.reduce((sum, { rows }) => sum + rows, 0);

export const totalBytes = (objects: readonly { readonly sizeBytes: number }[]): number =>
  objects.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
