// The SDK against the small server of this folder, for all of the contract.
import { startApiServer } from './api-server.ts';
import { datasetsSuite } from './datasets.suite.ts';
import { lookupSuite } from './lookup.suite.ts';

const server = await startApiServer();
lookupSuite('small server', () => server.url);
datasetsSuite('small server', () => server.url);
