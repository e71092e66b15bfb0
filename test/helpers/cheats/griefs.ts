import { auditSetLength, type ItemResult, itemSeed, type Offer, ratioOf } from "@millrace/protocol";
import type { Agent } from "@millrace/provider-agent";
import { Buyer } from "../../integration/agent/buyer.ts";
import { eventually } from "../../integration/agent/eventually.ts";
import { buyer, type Courtroom, modelClass } from "../../integration/juror/courtroom.ts";
import { Dispute, requests } from "../../integration/juror/dispute.ts";

// Buyers who hurt an honest provider without any gain of their own: one is to see what that costs them.

/** Takes an honest agent's offer and sends no input; resolves when the agent gave the lot back. */
export async function sendNoInput(room: Courtroom, agent: Agent): Promise<void> {
  const hand = await Buyer.create(room.network, buyer);
  const { jobId } = await hand.open({
    modelId: agent.modelId,
    requests: requests(2),
    fills: [{ offer: agent.status().offer as Offer, lotItems: [2] }],
  });
  const [lot] = await hand.lotsOf(jobId, 1);
  await eventually(() => agent.status().lots.length).toBe(1);
  // Into the last third of the grace, in which an agent gives up.
  await room.wait(25);
  await hand.reaches(lot!.lotId, "open");
}

/** Has its results, and says that it has not: demands them, and objects to the answer. */
export async function denyDelivery(room: Courtroom): Promise<Dispute> {
  const dispute = await Dispute.beginWithAgent(room);
  await dispute.demandDelivery();
  await eventually(() => statusOf(dispute)).toBe("answered");
  await dispute.objectDelivery();
  await dispute.openEvidence(await providerSecretOf(dispute));
  await dispute.draw();
  return dispute;
}

/** Scores every item of an honest lot, and challenges the one that differs most. Returns its ratio too. */
export async function challengeTheWorst(room: Courtroom): Promise<{ dispute: Dispute; ratio: number }> {
  const dispute = await Dispute.beginWithAgent(room, { requests: requests(6) });
  const ratios = await Promise.all(
    dispute.known.results.map((result, index) => ratioOfItem(room, dispute, index, result)),
  );
  const ratio = Math.max(...ratios);
  // So small a lot is in its audit set whole, in order.
  const position = ratios.indexOf(ratio) % auditSetLength(ratios.length);
  await dispute.challenge(position);
  await dispute.openEvidence(await providerSecretOf(dispute), { position });
  await dispute.draw();
  await dispute.shareKeys();
  return { dispute, ratio };
}

/** Challenges an honest item, and gives most jurors a key that opens nothing. */
export async function showEvidenceToSome(room: Courtroom): Promise<Dispute> {
  const dispute = await Dispute.beginWithAgent(room);
  await dispute.challenge();
  await dispute.openEvidence(await providerSecretOf(dispute));
  await dispute.draw();
  await dispute.shareKeys((place, wrapped) => (place < 3 ? new Uint8Array() : wrapped));
  return dispute;
}

async function ratioOfItem(
  { engine }: Courtroom,
  { lot, known }: Dispute,
  index: number,
  { stopReason, promptTokens, promptTokensHash, tokenIds, fingerprint }: ItemResult,
): Promise<number> {
  const { request, requesterSeed, promptTokensCap, outputTokensCap } = known.items[index]!;
  const tolerance = modelClass.tolerance!;
  const score = await engine.score({
    request: JSON.parse(request) as unknown,
    seed: itemSeed(lot.jobId, index, requesterSeed),
    promptTokensCap,
    outputTokensCap,
    claimed: { stopReason, promptTokens, promptTokensHash, tokenIds, fingerprint },
    epsilon: tolerance.epsilon,
  });
  return ratioOf([score], tolerance);
}

const statusOf = async ({ room, lotId }: Dispute) => (await room.caseOf(lotId)).status;

/** What the agent answers to the challenge. */
async function providerSecretOf(dispute: Dispute) {
  await eventually(() => statusOf(dispute)).toBe("evidence");
  const [answered] = await dispute.room.events("CaseAnswered", dispute.lotId);
  return answered!.args.secret;
}
