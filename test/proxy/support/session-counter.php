<?php
// Counts in a session. Arguments: handler, save path, session id. Prints the new count.
[, $handler, $path, $id] = $argv;
foreach (['save_handler' => $handler, 'save_path' => $path, 'use_cookies' => '0', 'cache_limiter' => ''] as $name => $value) {
    ini_set("session.$name", $value);
}
session_id($id);
if (!session_start()) {
    exit(1);
}
$_SESSION['count'] = ($_SESSION['count'] ?? 0) + 1;
echo $_SESSION['count'], "\n";
session_write_close();
