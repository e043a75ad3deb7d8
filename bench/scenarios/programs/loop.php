<?php
// loop.php ADDRESS HOW TIMES: what a page does, as often as it is asked for: fsockopen, pfsockopen or file_get_contents.
[, $address, $how, $times] = $argv;
$done = 0;
$failure = '';
for ($i = 0; $i < $times; $i++) {
    if ($how === 'file_get_contents') {
        $good = @file_get_contents("http://$address:9000/") !== false;
    } elseif ($good = (bool) ($stream = @$how($address, 9000, $code, $text, 5))) {
        fwrite($stream, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        $good = fread($stream, 4096) !== '';
        $how === 'pfsockopen' || fclose($stream);
    } else {
        $failure = "; $text";
    }
    $done += (int) $good;
}
echo "$done of $times done$failure\n";
exit($done < $times ? 1 : 0);
