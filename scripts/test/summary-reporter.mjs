import { writeFileSync } from 'node:fs';

/**
 * A vitest reporter that counts tests and keeps the reasons of those that were skipped, which the JSON reporter of
 * vitest leaves out. It writes them to the file that OURO_TEST_SUMMARY names.
 */
export default class SummaryReporter {
  onTestRunEnd(modules, unhandledErrors) {
    const summary = { passed: 0, failed: unhandledErrors.length, skipped: [] };
    for (const module of modules) {
      // What failed outside of a test: an import, a hook.
      summary.failed += module.errors().length;
      for (const suite of module.children.allSuites()) summary.failed += suite.errors().length;
      for (const test of module.children.allTests()) count(test, module, summary);
    }
    writeFileSync(process.env.OURO_TEST_SUMMARY, JSON.stringify(summary));
  }
}

function count(test, module, summary) {
  const { state, note } = test.result();
  if (state === 'passed') summary.passed += 1;
  else if (state === 'failed') summary.failed += 1;
  else
    summary.skipped.push({
      name: `${module.relativeModuleId} > ${test.fullName}`,
      reason: note ?? reasonOf(test),
    });
}

/** A skip or todo may give its reason where it is declared. */
function reasonOf({ options }) {
  const { mode, todo } = options;
  if (typeof todo === 'string') return todo;
  return mode === 'todo' ? 'to do' : undefined;
}
