/**
 * fast-check as all tests use it: every run tries the same cases, so that what turns red is a change's own doing. With TUTTI_FUZZ=1 each run
 * tries others.
 */
import fc from 'fast-check'

if (!process.env.TUTTI_FUZZ) fc.configureGlobal({ seed: 20_260_101 })

export default fc
