/** Where the stations of the picture stand: in a row, or, where it is narrow, in two columns. */

export type Place = { readonly x: number; readonly y: number };
export type Plan = {
  readonly width: number;
  readonly height: number;
  readonly places: readonly Place[];
  /** From station to station; the last one leads back to the first. */
  readonly ways: readonly string[];
};

const rowHeight = 130;
const narrowBelow = 700;
const edge = 60;
/** Between the way back and the edge, and how round its corners are. */
const edgeRoom = 8;
const bend = 12;

/** A plan for so many stations. */
export function planOf(count: number, width: number): Plan {
  return width < narrowBelow ? twoColumns(count, width) : oneRow(count, width);
}

function oneRow(count: number, width: number): Plan {
  const step = (width - 2 * edge - 20) / (count - 1);
  const y = 64;
  const places = Array.from({ length: count }, (_, i) => ({
    x: Math.round(edge + 10 + step * i),
    y,
  }));
  const ways = places.slice(1).map(({ x }, i) => `M${(places[i]?.x ?? 0) + 34} ${y}H${x - 40}`);
  const [first, last] = [places[0]?.x ?? 0, places.at(-1)?.x ?? 0];
  const below = y + 96;
  const [down, up] = [`M${last} ${y + 70}V${below - 12}`, `V${y + 76}`];
  const turns = [
    `Q${last} ${below} ${last - 12} ${below}`,
    `Q${first} ${below} ${first} ${below - 12}`,
  ];
  const back = `${down}${turns[0]}H${first + 12}${turns[1]}${up}`;
  return { width, height: below + 26, places, ways: [...ways, back] };
}

function twoColumns(count: number, width: number): Plan {
  const [left, right] = [Math.round(width * 0.25), Math.round(width * 0.75)];
  const places = Array.from({ length: count }, (_, i) => {
    const row = Math.floor(i / 2);
    // As an ox ploughs: to the right, down, to the left.
    const isLeft = row % 2 === 0 ? i % 2 === 0 : i % 2 === 1;
    return { x: isLeft ? left : right, y: 64 + row * rowHeight };
  });
  const ways = places.slice(1).map((to, i) => {
    const from = places[i] ?? to;
    if (from.y !== to.y) return `M${from.x} ${from.y + 72}V${to.y - 38}`;
    const sign = to.x > from.x ? 1 : -1;
    return `M${from.x + 36 * sign} ${from.y}H${to.x - 42 * sign}`;
  });
  const rows = Math.ceil(count / 2);
  const [first, last] = [places[0] ?? { x: left, y: 0 }, places.at(-1) ?? { x: left, y: 0 }];
  // Back along the edge that is nearer, above all, and down to the first.
  const inwards = last.x === left ? 1 : -1;
  const side = last.x === left ? edgeRoom : width - edgeRoom;
  const turns = [
    `Q${side} ${last.y} ${side} ${last.y - bend}`,
    `Q${side} ${edgeRoom} ${side + bend * inwards} ${edgeRoom}`,
    `Q${first.x} ${edgeRoom} ${first.x} ${edgeRoom + bend}`,
  ];
  const out = `M${last.x - 34 * inwards} ${last.y}H${side + bend * inwards}${turns[0]}`;
  const over = `V${edgeRoom + bend}${turns[1]}H${first.x - bend * inwards}${turns[2]}`;
  const back = `${out}${over}V${first.y - 38}`;
  return { width, height: rows * rowHeight + 30, places, ways: [...ways, back] };
}
