/** A vitest reporter that writes each failure as one line of JSON, as soon as it is there. */
export default class FindsReporter {
  onTestCaseResult(test) {
    const { state, errors } = test.result();
    if (state === 'failed') write(test.module.relativeModuleId, test.fullName, errors);
  }

  onTestRunEnd(modules, unhandledErrors) {
    // What failed outside of a test: an import, a hook.
    for (const module of modules) write(module.relativeModuleId, '', module.errors());
    write('', '', unhandledErrors);
  }
}

function write(file, test, errors) {
  if (errors.length === 0) return;
  const message = errors.map((error) => error.message).join('\n');
  process.stdout.write(`${JSON.stringify({ id: `${file} > ${test}`, file, test, message })}\n`);
}
