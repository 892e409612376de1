/**
 * The price chart's drawing: Lightweight Charts on a canvas. Numbers become floats here and nowhere
 * else, for pixels. It takes the page's colours, and takes them anew when they change.
 */
import {
  CandlestickSeries,
  createChart,
  createSeriesMarkers,
  HistogramSeries,
  type IChartApi,
  type ISeriesApi,
  type SeriesMarker,
  type Time,
  type UTCTimestamp,
} from "lightweight-charts";
import { assert } from "../../codec/assert.ts";
import { parseTime } from "../../codec/time.ts";
import type { CandleAt } from "../../market/shelf.ts";
import type { ChartInterval, MarketFigures } from "./marketfigures.ts";
import type { Mine } from "./mine.ts";

/** A chart in its place. */
export type ChartHandle = {
  readonly show: (figures: MarketFigures, interval: ChartInterval, mine: Mine | undefined) => void;
  readonly remove: () => void;
};

const spans: { readonly [Name in ChartInterval]: number } = {
  "1m": 60,
  "15m": 900,
  "1h": 3600,
  "1d": 86_400,
};

/** Candles that are drawn; more are in the fold. */
const candlesShown = 700;
/** Pixels of a candle and the gap beside it at first, and at the least. */
const barSpacing = 10;
const minBarSpacing = 3;
/** Pixels right of the newest candle, for its label; and a character of a mark's text at most. */
const rightRoom = 48;
const characterWidth = 7;

type Colours = { readonly [Name in "text" | "dim" | "line" | "buy" | "sell" | "mine"]: string };

/** The page's colours, as this browser resolves them. */
function coloursOf(place: HTMLElement): Colours {
  const probe = document.createElement("i");
  place.append(probe);
  const colour = (name: string): string => {
    probe.className = `probe-${name}`;
    return getComputedStyle(probe).color;
  };
  const colours = {
    text: colour("text"),
    dim: colour("dim"),
    line: colour("line"),
    buy: colour("buy"),
    sell: colour("sell"),
    mine: colour("mine"),
  };
  probe.remove();
  return colours;
}

function translucent(colour: string): string {
  return colour.replace(/^rgb\((.*)\)$/, "rgba($1, 0.45)");
}

/** Makes a chart that fills `place`. */
export function makeChart(place: HTMLElement): ChartHandle {
  const chart = createChart(place, { autoSize: true, layout: { attributionLogo: false } });
  const candles = chart.addSeries(CandlestickSeries, { borderVisible: false });
  const volume = chart.addSeries(HistogramSeries, {
    priceFormat: { type: "volume" },
    priceScaleId: "volume",
    lastValueVisible: false,
    priceLineVisible: false,
  });
  chart
    .priceScale("volume")
    .applyOptions({ scaleMargins: { top: 0.8, bottom: 0 }, visible: false });
  candles.priceScale().applyOptions({ scaleMargins: { top: 0.08, bottom: 0.24 } });
  const markers = createSeriesMarkers(candles, []);
  let colours = paint(chart, candles, place);
  let shown = "";
  let last: Parameters<ChartHandle["show"]> | undefined;
  const show: ChartHandle["show"] = (figures, interval, mine) => {
    last = [figures, interval, mine];
    const { market } = figures;
    const all = figures.candles(interval).slice(-candlesShown);
    const scale = 10 ** market.priceDecimals;
    const minMove = Math.max(market.tick / scale, 1e-12);
    const precision = Math.min(market.priceDecimals, 12);
    candles.applyOptions({ priceFormat: { type: "price", precision, minMove } });
    candles.setData(all.map((each) => candleBar(each, scale)));
    volume.setData(all.map((each) => volumeBar(each, colours)));
    const marks = [
      ...marksOf(market.name, interval, mine, colours),
      ...ratioMarks(figures, interval, colours),
    ].sort((a, b) => Number(a.time) - Number(b.time));
    markers.setMarkers(marks);
    // Where the reader scrolled to stays; another market or interval begins at its end, and so do
    // the first candle and a mark that needs more room.
    const now = `${market.name} ${interval} ${all.length > 0} ${roomFor(marks)}`;
    if (shown !== now && all.length > 0) {
      // An empty chart, one without a width above all, spaces what comes later as narrow as it may.
      const rightOffset = Math.ceil(roomFor(marks) / barSpacing);
      chart.timeScale().applyOptions({ barSpacing, rightOffset });
      chart.timeScale().scrollToPosition(rightOffset, false);
    }
    shown = now;
  };
  const repaint = (): void => {
    colours = paint(chart, candles, place);
    if (last !== undefined) show(...last);
  };
  const observer = new MutationObserver(repaint);
  observer.observe(document.documentElement, { attributeFilter: ["data-theme"] });
  const wish = matchMedia("(prefers-color-scheme: dark)");
  wish.addEventListener("change", repaint);
  const remove = (): void => {
    observer.disconnect();
    wish.removeEventListener("change", repaint);
    chart.remove();
  };
  return { show, remove };
}

function paint(chart: IChartApi, candles: ISeriesApi<"Candlestick">, place: HTMLElement): Colours {
  const colours = coloursOf(place);
  chart.applyOptions({
    layout: {
      background: { color: "transparent" },
      textColor: colours.dim,
      fontFamily: getComputedStyle(place).fontFamily,
      fontSize: 12,
    },
    grid: { vertLines: { color: colours.line }, horzLines: { color: colours.line } },
    rightPriceScale: { borderColor: colours.line },
    timeScale: {
      borderColor: colours.line,
      timeVisible: true,
      secondsVisible: false,
      minBarSpacing,
    },
    crosshair: { vertLine: { color: colours.dim }, horzLine: { color: colours.dim } },
  });
  candles.applyOptions({
    upColor: colours.buy,
    downColor: colours.sell,
    wickUpColor: colours.buy,
    wickDownColor: colours.sell,
  });
  return colours;
}

function isTimestamp(seconds: number): seconds is UTCTimestamp {
  return Number.isSafeInteger(seconds);
}

function second(ms: number): UTCTimestamp {
  const seconds = Math.floor(ms / 1000);
  assert(isTimestamp(seconds), "a time is a whole number of seconds");
  return seconds;
}

function candleBar(
  { from, candle }: CandleAt,
  scale: number,
): { time: UTCTimestamp; open: number; high: number; low: number; close: number } {
  const { open, high, low, close } = candle;
  const prices = { open: open / scale, high: high / scale, low: low / scale, close: close / scale };
  return { time: second(from), ...prices };
}

function volumeBar(
  { from, candle }: CandleAt,
  { buy, sell }: Colours,
): { time: UTCTimestamp; value: number; color: string } {
  const color = translucent(candle.close >= candle.open ? buy : sell);
  return { time: second(from), value: Number(candle.quantity), color };
}

/** Own fills, each at its candle. */
function marksOf(
  market: string,
  interval: ChartInterval,
  mine: Mine | undefined,
  colours: Colours,
): SeriesMarker<Time>[] {
  const own = (mine?.fills ?? []).filter((fill) => fill.market === market);
  return own.flatMap(({ at, side, quantity }): SeriesMarker<Time>[] => {
    const ms = parseTime(at);
    if (ms === undefined) return [];
    const begin = ms - (ms % (spans[interval] * 1000));
    const isBuy = side === "buy";
    return [
      {
        time: second(begin),
        position: isBuy ? "belowBar" : "aboveBar",
        shape: isBuy ? "arrowUp" : "arrowDown",
        color: colours.mine,
        text: `your ${side} ${quantity}`,
      },
    ];
  });
}

/** `1:10` at the candle in which shares were divided: prices before it are as they were. */
function ratioMarks(
  { ratios }: MarketFigures,
  interval: ChartInterval,
  { text: color }: Colours,
): SeriesMarker<Time>[] {
  return ratios.map(({ at, mark }) => {
    const begin = at - (at % (spans[interval] * 1000));
    return { time: second(begin), position: "aboveBar", shape: "square", color, text: mark };
  });
}

/** What half of the longest text needs, if its mark stands at the newest candle. */
function roomFor(marks: readonly SeriesMarker<Time>[]): number {
  const longest = Math.max(0, ...marks.map(({ text = "" }) => text.length));
  return Math.max(rightRoom, Math.ceil((longest * characterWidth) / 2) + 4);
}
