<?php
/*
 * A blind proxy before a Signet relay, for any web space with PHP: put this file there under any
 * name. Customers then say `--relay https://your.example/index.php`. TLS is your web space's.
 *
 * What whoever runs it can do: see the addresses of those who come and when they come, be slow, go
 * away. What it cannot: read a letter or a reply, change either without being found out by the
 * customer's own client, or tell the relay who came. The relay sees this machine.
 *
 * One thing more: pages come from whoever serves them. Who opens the wallet at this address trusts
 * this machine not to change the page on its way; the command line, and a page from elsewhere that
 * is told of this address, need not.
 *
 * The stream is a WebSocket, which PHP cannot carry: pages ask again and again instead. For pages
 * every path of the host has to come here (Apache: `FallbackResource /index.php`).
 *
 * Only the relay's own paths pass, and of what a client says of itself only four headers. Nothing is
 * logged, stored or cached here; the web space may keep a log of its own: switch it off if you can.
 * Letters in forms with files (multipart) need `enable_post_data_reading = Off` in a .user.ini
 * beside this file; all others do without. Each waiting customer holds a PHP process.
 */
const RELAY = 'https://relay.example';
const BODY_MAX = 524288;

function refuse(int $status): never
{
    http_response_code($status);
    header('Cache-Control: no-store');
    exit;
}

ini_set('display_errors', '0');
ini_set('log_errors', '0');
set_time_limit(90);
header_remove('X-Powered-By');

$path = $_SERVER['REQUEST_URI'] ?? '/';
$script = $_SERVER['SCRIPT_NAME'] ?? '';
if (basename($script) === basename(__FILE__) && str_starts_with($path, $script)) {
    $path = substr($path, strlen($script));
}
if ($path === '' || $path[0] === '?') {
    $path = '/' . $path;
}
$files = 'wallet|explain|plain|checkpoint|[a-z-]+\.(?:txt|css|svg|php)';
$folders = '(?:v1|feeds|mpex|tile|assets)/[!-\~]*';
$passes = preg_match('~^/(?:' . $folders . '|' . $files . ')?(?:\?[!-\~]*)?\z~', $path) === 1;
if (!$passes || str_contains(rawurldecode(explode('?', $path)[0]), '/..')) {
    refuse(404);
}
if ((int) ($_SERVER['CONTENT_LENGTH'] ?? 0) > BODY_MAX) {
    refuse(413);
}
$body = file_get_contents('php://input', false, null, 0, BODY_MAX + 1);
if ($body === false || strlen($body) > BODY_MAX) {
    refuse(413);
}

$headers = [];
$passed = ['Accept' => 'HTTP_ACCEPT', 'Accept-Encoding' => 'HTTP_ACCEPT_ENCODING',
    'Content-Type' => 'CONTENT_TYPE', 'Postage' => 'HTTP_POSTAGE'];
foreach ($passed as $name => $from) {
    if (($_SERVER[$from] ?? '') !== '') {
        $headers[] = $name . ': ' . $_SERVER[$from];
    }
}
$method = $_SERVER['REQUEST_METHOD'] ?? 'GET';
if ($body !== '' || $method === 'POST') {
    $headers[] = 'Content-Length: ' . strlen($body);
}
$said = @fopen(RELAY . $path, 'rb', false, stream_context_create(['http' => [
    'method' => $method,
    'header' => $headers,
    'content' => $body,
    'protocol_version' => 1.1,
    'follow_location' => 0,
    'ignore_errors' => true,
    'timeout' => 75,
    'user_agent' => '',
]]));
if ($said === false) {
    refuse(502);
}
ini_set('default_mimetype', '');
foreach (stream_get_meta_data($said)['wrapper_data'] as $line) {
    if (preg_match('~^HTTP/[\d.]+ (\d{3})~', $line, $match) === 1) {
        http_response_code((int) $match[1]);
    } elseif (preg_match('~^(?:connection|keep-alive|transfer-encoding|date|server):~i', $line) !== 1) {
        header($line);
    }
}
fpassthru($said);
