/** The door of the command line: what the files that it reads import. */
export { defineConfig, type RayConfig, type TuttiConfig } from './config.ts'
