/** Publications to a relay: nothing is asked twice, and a relay that lost some gets them again. */
import { rmSync } from "node:fs";
import { test } from "node:test";
import { deepEqual, equal } from "node:assert/strict";

import { at } from "../codec/assert.ts";
import { testKey } from "../testing/publisher.ts";
import { RelayWorld } from "../testing/relayworld.ts";
import { RelayLink } from "./link.ts";
import { Publishing, type PublicationSource } from "./publish.ts";

/** A link that notes what was asked, and that may be led to another address. */
class WatchedLink extends RelayLink {
  readonly asked: string[] = [];
  to: RelayLink | undefined;

  override async get(path: string, bytesMax: number, timeoutMs: number) {
    this.asked.push(`GET ${path}`);
    return this.to?.get(path, bytesMax, timeoutMs) ?? super.get(path, bytesMax, timeoutMs);
  }

  override async put(path: string, body: Uint8Array, newest: number) {
    this.asked.push(`PUT ${path}`);
    return this.to?.put(path, body, newest) ?? super.put(path, body, newest);
  }
}

const watermark = "GET /v1/dock/watermark";
const put = (number: number): string => `PUT /v1/dock/publications/${number}`;

test("a relay is asked where it stands once, and again if it does not go on from there", async () => {
  const world = await RelayWorld.start();
  try {
    const made: Uint8Array[] = [];
    const publish = (): unknown => made.push(world.publisher.publish({}));
    const source: PublicationSource = {
      get last() {
        return made.length;
      },
      get: (number) => at(made, number - 1),
    };
    const linkTo = (): WatchedLink =>
      new WatchedLink({ name: "alder", url: world.relay.address }, testKey(9), AbortSignal.any([]));
    const link = linkTo();
    const publishing = new Publishing(link, source);
    const publishAll = async (): Promise<readonly string[]> => {
      while (await publishing.step());
      return link.asked.splice(0);
    };
    publish();
    publish();
    deepEqual(await publishAll(), [watermark, put(1), put(2)]);
    deepEqual(await publishAll(), [], "nothing is new");
    publish();
    deepEqual(await publishAll(), [put(3)]);
    await world.restart(() => rmSync(world.dir, { recursive: true }));
    link.to = linkTo();
    publish();
    deepEqual(await publishAll(), [put(4), watermark, put(1), put(2), put(3), put(4)]);
    equal(world.relay.watermark(), 4);
  } finally {
    await world.close();
  }
});
