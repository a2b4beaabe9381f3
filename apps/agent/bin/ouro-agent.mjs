#!/usr/bin/env node
import { enableCompileCache } from 'node:module';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

// The second start of the program skips the parsing of its own bundle. The cache is the user's own:
// what lies in a directory for all could be another user's code.
const { XDG_CACHE_HOME: named, HOME: home } = process.env;
const cache = named !== undefined && isAbsolute(named) ? named : join(home ?? homedir(), '.cache');
enableCompileCache?.(join(cache, 'ouro'));
await import('../dist/main.mjs');
