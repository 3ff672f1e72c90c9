import { storeConformance } from '../../src/store/testing/conformance.ts'
import { sqlitePlace } from './place.ts'

storeConformance('sqlite', sqlitePlace)
