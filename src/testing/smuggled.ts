/**
 * Requests that a server and the proxy before it might cut in different places, so that one's body
 * is the other's next request. Each carries a second request inside; whoever reads one of these as
 * two has been deceived.
 */

const inside = "GET /v1/relay HTTP/1.1\r\nhost: relay\r\n\r\n";
const post = "POST /v1/letters HTTP/1.1\r\nhost: relay\r\n";
const length = inside.length;

/** What must be refused, by what is wrong with it. */
export const smuggled: { readonly [what: string]: string } = {
  "length and chunks": `${post}content-length: ${length}\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n${inside}`,
  "chunks and length": `${post}transfer-encoding: chunked\r\ncontent-length: 5\r\n\r\n0\r\n\r\n${inside}`,
  "two lengths": `${post}content-length: 0\r\ncontent-length: ${length}\r\n\r\n${inside}`,
  "two lengths in one": `${post}content-length: 0, ${length}\r\n\r\n${inside}`,
  "a length with a sign": `${post}content-length: +0\r\n\r\n${inside}`,
  "a length in hex": `${post}content-length: 0x0\r\n\r\n${inside}`,
  "a negative length": `${post}content-length: -1\r\n\r\n${inside}`,
  "a length beyond numbers": `${post}content-length: 99999999999999999999999\r\n\r\n${inside}`,
  "chunks that are not last": `${post}transfer-encoding: chunked, identity\r\n\r\n0\r\n\r\n${inside}`,
  "chunks twice": `${post}transfer-encoding: chunked\r\ntransfer-encoding: identity\r\n\r\n0\r\n\r\n${inside}`,
  "chunks misspelt": `${post}transfer-encoding: xchunked\r\n\r\n0\r\n\r\n${inside}`,
  "a blank before the colon": `${post}transfer-encoding : chunked\r\n\r\n0\r\n\r\n${inside}`,
  "a folded line": `${post}x: a\r\n transfer-encoding: chunked\r\n\r\n0\r\n\r\n${inside}`,
  "a bare LF": `${post}x: a\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n${inside}`,
  "a bare CR": `${post}x: a\rtransfer-encoding: chunked\r\n\r\n0\r\n\r\n${inside}`,
  "only LF": `POST /v1/letters HTTP/1.1\nhost: relay\ncontent-length: 0\n\n${inside}`,
  "a zero in a header": `${post}x: a\0b\r\ncontent-length: 0\r\n\r\n${inside}`,
  "a chunk with a sign": `${post}transfer-encoding: chunked\r\n\r\n+1\r\nx\r\n0\r\n\r\n${inside}`,
  "a chunk in 0x": `${post}transfer-encoding: chunked\r\n\r\n0x1\r\nx\r\n0\r\n\r\n${inside}`,
  "a chunk beyond numbers": `${post}transfer-encoding: chunked\r\n\r\nfffffffffffffffff\r\n${inside}`,
  "a chunk that ends with LF": `${post}transfer-encoding: chunked\r\n\r\n1\nx\n0\n\n${inside}`,
  "no host": `GET /v1/markets HTTP/1.1\r\n\r\n`,
  "a line before the request": `x: y\r\n${inside}`,
  "a request of three words and more": `GET /v1/relay x HTTP/1.1\r\nhost: relay\r\n\r\n`,
  "another protocol": "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
  "a method of its own": "LETTER /v1/relay HTTP/1.1\r\nhost: relay\r\n\r\n",
};

/** What looks odd and is not: it stands as it is, and is one request. */
export const standing: { readonly [what: string]: string } = {
  "blank lines before": `\r\n\r\nGET /v1/relay HTTP/1.1\r\nhost: relay\r\nconnection: close\r\n\r\n`,
  "an address in full": `GET http://relay/v1/relay HTTP/1.1\r\nhost: relay\r\nconnection: close\r\n\r\n`,
  "the same header twice": `GET /v1/relay HTTP/1.1\r\nhost: relay\r\nx: 1\r\nx: 2\r\nconnection: close\r\n\r\n`,
};
