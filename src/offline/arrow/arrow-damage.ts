// What is wrong with the bytes of an Arrow stream or file, in words for whoever wrote them.
export class ArrowDamage extends Error {}
