// What is wrong with the bytes of an Arrow stream or file, in words for their author.
export class ArrowDamage extends Error {}
