/** Files that the driver has and workers need, on whichever machine they are. */
export { type Placing, type PlacingOptions, placing } from './place.ts'
export { type FileServer, type FileServerOptions, fileServer } from './server.ts'
