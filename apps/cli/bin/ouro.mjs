#!/usr/bin/env node
import { enableCompileCache } from 'node:module';

// The second start of the program skips the parsing of its own bundle.
enableCompileCache?.();
await import('../dist/main.mjs');
