/** Publications to a relay: nothing is asked twice, and a relay that lost some gets them again. */
import { rmSync } from "node:fs";
import { test } from "node:test";
import { deepEqual, equal } from "node:assert/strict";

import { at } from "../codec/assert.ts";
import { testKey } from "../testing/publisher.ts";
import { RelayWorld } from "../testing/relayworld.ts";
import { RelayLink } from "./link.ts";
import { publishOnce, type PublicationSource } from "./publish.ts";

/** A link that notes what was asked. */
class WatchedLink extends RelayLink {
  readonly asked: string[] = [];

  override async get(path: string, bytesMax: number, timeoutMs: number) {
    this.asked.push(`GET ${path}`);
    return super.get(path, bytesMax, timeoutMs);
  }

  override async put(path: string, body: Uint8Array) {
    this.asked.push(`PUT ${path}`);
    return super.put(path, body);
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
    let link = linkTo();
    publish();
    publish();
    let known = await publishOnce(link, source);
    equal(known, 2);
    deepEqual(link.asked.splice(0), [watermark, put(1), put(2)]);
    known = await publishOnce(link, source, known);
    deepEqual(link.asked.splice(0), [], "nothing is new");
    publish();
    known = await publishOnce(link, source, known);
    deepEqual(link.asked.splice(0), [put(3)]);
    await world.restart(() => rmSync(world.dir, { recursive: true }));
    link = linkTo();
    publish();
    known = await publishOnce(link, source, known);
    equal(known, 4);
    deepEqual(link.asked, [put(4), watermark, put(1), put(2), put(3), put(4)]);
    equal(world.relay.watermark(), 4);
  } finally {
    await world.close();
  }
});
