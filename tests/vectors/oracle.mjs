// Reads one case a line, asks the independent evaluator, writes one answer a line.
import { createInterface } from 'node:readline';
import { runSimulation } from '@cloud-copilot/iam-simulate';

const named = (documents) => documents.map((policy, i) => ({ name: `policy ${i + 1}`, policy }));
const levels = (found) =>
  found.map((documents, i) => ({ orgIdentifier: `level-${i + 1}`, policies: named(documents) }));

for await (const line of createInterface({ input: process.stdin })) {
  const c = JSON.parse(line);
  const result = await runSimulation(
    {
      request: {
        principal: c.principal.kind === 'anonymous' ? { type: 'Anonymous' } : c.principal.asked_as,
        action: c.action,
        resource: { resource: c.resource.arn, accountId: c.resource.account },
        contextVariables: c.context,
      },
      identityPolicies: named(c.identity),
      permissionBoundaryPolicies: c.boundary ? named([c.boundary]) : undefined,
      sessionPolicy: c.session ?? undefined,
      serviceControlPolicies: levels(c.scps),
      resourceControlPolicies: levels(c.rcps),
      resourcePolicy: c.resource.policy ?? undefined,
    },
    {},
  );
  const answer =
    result.resultType === 'error'
      ? { error: result.errors }
      : { result: result.overallResult, ignored: result.result?.ignoredContextKeys ?? [] };
  console.log(JSON.stringify(answer));
}
