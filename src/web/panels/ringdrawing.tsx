/**
 * A ring as a picture: its orders on a circle, an arc for each token that is handed on, and each
 * order in two halves, the owner's signature and the auth key's.
 */
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import {
  proveRing,
  type Half,
  type RingMember,
  type RingOfLog,
  type RingProof,
} from "./ringproof.ts";

export type RingDrawingProps = { readonly about: RingOfLog; readonly origin: string };

const size = 300;
const middle = size / 2;
const radius = 96;
const knob = 17;

export function RingDrawing({ about, origin }: RingDrawingProps): JSX.Element {
  const [proof, setProof] = useState<RingProof | string>();
  useEffect(() => {
    let gone = false;
    const prove = async (): Promise<void> => {
      const found = await proveRing(origin, about);
      if (!gone) setProof(found.ok ? found.value : found.detail);
    };
    void prove();
    return () => {
      gone = true;
    };
  }, [origin, about.ring.number]);
  if (proof === undefined) return <div class="ring" />;
  if (typeof proof === "string") return <p class="warn">{proof}</p>;
  return (
    <figure class="ring">
      <svg viewBox={`0 0 ${size} ${size}`} role="img" aria-label={`Ring ${about.ring.number}`}>
        {proof.members.map((member, index) => (
          <Arc key={index} member={member} index={index} count={proof.members.length} />
        ))}
        {proof.members.map((member, index) => (
          <Knob key={index} member={member} index={index} count={proof.members.length} />
        ))}
        <text class="hub" x={middle} y={middle - 4}>
          ring {about.ring.number}
        </text>
        <text class="hub small" x={middle} y={middle + 16}>
          {proof.minerSigned ? "miner signed" : "miner: not shown"}
        </text>
      </svg>
      <figcaption>
        <ol>
          {proof.members.map((member, index) => (
            <li key={index}>
              up to {member.sells} for at least {member.buys}: owner's signature{" "}
              <Said half={member.ownerHalf} />, auth key's <Said half={member.authHalf} />
            </li>
          ))}
        </ol>
      </figcaption>
    </figure>
  );
}

function Said({ half }: { readonly half: Half }): JSX.Element {
  if (half === "holds") return <b class="buy">holds ✓</b>;
  return half === "wrong" ? <b class="sell">wrong ✕</b> : <span class="dim">{half}</span>;
}

type Placed = { readonly member: RingMember; readonly index: number; readonly count: number };

/** Against the clock: each order buys what the next one sells, so that tokens go with the clock. */
function angle(index: number, count: number): number {
  return (-index / count) * 2 * Math.PI - Math.PI / 2;
}

function at(turn: number, far: number): readonly [number, number] {
  const round = (value: number): number => Math.round(value * 10) / 10;
  return [round(middle + Math.cos(turn) * far), round(middle + Math.sin(turn) * far)];
}

/** What this order gives to the one before it. */
function Arc({ member, index, count }: Placed): JSX.Element {
  const gap = (knob + 8) / radius;
  const [from, to] = [angle(index, count) + gap, angle(index - 1, count) - gap];
  const [x1, y1] = at(from, radius);
  const [x2, y2] = at(to, radius);
  const [lx, ly] = at((from + to) / 2, radius + 22);
  const [ax, ay] = at(to - 0.09, radius - 7);
  const [bx, by] = at(to - 0.09, radius + 7);
  return (
    <g class="arc">
      <path d={`M${x1} ${y1}A${radius} ${radius} 0 0 1 ${x2} ${y2}`} />
      <path class="head" d={`M${ax} ${ay}L${x2} ${y2}L${bx} ${by}Z`} />
      <text x={lx} y={ly + 4}>
        {member.sellToken}
      </text>
    </g>
  );
}

/** An order: the left half is the owner's signature, the right half the auth key's. */
function Knob({ member, index, count }: Placed): JSX.Element {
  const [x, y] = at(angle(index, count), radius);
  const half = (sweep: 0 | 1): string =>
    `M${x} ${y - knob}A${knob} ${knob} 0 0 ${sweep} ${x} ${y + knob}Z`;
  return (
    <g class="knob">
      <path class={`half ${member.ownerHalf.replaceAll(" ", "-")}`} d={half(0)} />
      <path class={`half ${member.authHalf.replaceAll(" ", "-")}`} d={half(1)} />
      <text x={x} y={y + 5}>
        {index + 1}
      </text>
    </g>
  );
}
