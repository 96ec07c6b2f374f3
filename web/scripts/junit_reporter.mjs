// Node's test results as scripts/tally reads them: ctest's JUnit, one test case for each test of ours.
const escaped = (text) => text.replace(/[&<>"]/g, (c) => `&#${c.codePointAt(0)};`);

function testCase(data, status, inside) {
  return `<testcase name="${escaped(data.name)}" status="${status}">${inside}</testcase>\n`;
}

function why({ details }) {
  const { error } = details;
  return String((error.cause ?? error).message ?? error);
}

export default async function* junit(events) {
  yield '<testsuite>\n';
  for await (const { type, data } of events) {
    if (type !== 'test:pass' && type !== 'test:fail') continue;
    if (type === 'test:fail') yield testCase(data, 'fail', `<failure message="${escaped(why(data))}"/>`);
    else if (data.skip !== undefined) yield testCase(data, 'notrun', '<skipped message="SKIP_RETURN_CODE=77"/>');
    else yield testCase(data, 'run', '');
  }
  yield '</testsuite>\n';
}
