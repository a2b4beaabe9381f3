import { relative } from 'node:path';

/** A vitest reporter that writes each failure as one line of JSON, as soon as it is there. */
export default class FindsReporter {
  onTestCaseResult(test) {
    const { state, errors } = test.result();
    if (state === 'failed') write(test.module, test.fullName, errors);
  }

  onTestRunEnd(modules, unhandledErrors) {
    // What failed outside of a test: an import, a hook.
    for (const module of modules) write(module, '', module.errors());
    write(undefined, '', unhandledErrors);
  }
}

function write(module, test, errors) {
  if (errors.length === 0) return;
  // Modules have names from the folder of their project; one can be run by its path from here.
  const file = module === undefined ? '' : relative(process.cwd(), module.moduleId);
  const message = errors.map((error) => error.message).join('\n');
  process.stdout.write(`${JSON.stringify({ id: `${file} > ${test}`, file, test, message })}\n`);
}
