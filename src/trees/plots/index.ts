/** The door of pictures of trees: plain text and self-contained SVG. */
export { type ImportancesSvgOptions, importancesSvg } from './importances.ts'
export { type TreeTextOptions, treeText } from './text.ts'
export { type TreeSvgOptions, treeSvg } from './tree.ts'
export type { Meaning } from './words.ts'
