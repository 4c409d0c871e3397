#!/usr/bin/env bash
# Brings downloaded backups (RDB files) into a new, empty Redis. docs/restore.md says how to use it.
#
# Each file is loaded by a private redis-server on this machine, which hands its keys to the target with MIGRATE, driven
# by a Lua script inside that server: keys and values never pass through this shell, so any bytes do.
# Written for bash 3.2 (macOS) and newer, redis-server 4.0.7 and newer, redis-cli 5.0 and newer.
set -euo pipefail
unset CDPATH
export LC_ALL=C # text is handled as bytes
umask 077

usage() {
  cat <<'USAGE'
Usage: REDISCLI_AUTH=<password of the target> scripts/restore.sh <file.rdb | folder with *.rdb> <host> <port> [--cluster] [--dry-run]

  --cluster   the target is a Redis Cluster (cluster_enabled:1): each key goes to the node that owns its slot
  --dry-run   load the files and look at the target, copy nothing

An empty REDISCLI_AUTH is for a target without a password.
REDIS_SERVER, REDIS_CLI   the programs to use; default: redis-server and redis-cli of PATH
USAGE
}
fail() {
  printf 'restore: %s\n' "$*" >&2
  exit 1
}
misuse() {
  printf 'restore: %s\n\n' "$*" >&2
  usage >&2
  exit 2
}

# ---- arguments

cluster=no
dry_run=no
words=()
for word in "$@"; do
  case $word in
    --cluster) cluster=yes ;;
    --dry-run) dry_run=yes ;;
    --help | -h)
      usage
      exit 0
      ;;
    -*) misuse "unknown option $word" ;;
    *) words+=("$word") ;;
  esac
done
[[ ${#words[@]} -eq 3 ]] || misuse "three arguments are needed: what to restore, host, port"
source_path=${words[0]}
host=${words[1]}
port=${words[2]}
[[ $host =~ ^[A-Za-z0-9:][A-Za-z0-9._:-]*$ ]] || misuse "not a host: $host"
[[ $port =~ ^[0-9]{1,5}$ ]] || misuse "not a port: $port"
[[ -n ${REDISCLI_AUTH+set} ]] || misuse "REDISCLI_AUTH is not set"
password=$REDISCLI_AUTH
unset REDISCLI_AUTH # no process gets it but the redis-cli that talks to the target

server=${REDIS_SERVER:-redis-server}
cli=${REDIS_CLI:-redis-cli}
command -v "$server" >/dev/null || fail "$server is not installed: see docs/restore.md"
command -v "$cli" >/dev/null || fail "$cli is not installed: see docs/restore.md"
server=$(command -v "$server")
[[ $server == /* ]] || server=$PWD/$server

files=()
if [[ -d $source_path ]]; then
  for file in "$source_path"/*.rdb; do
    if [[ -f $file ]]; then files+=("$file"); fi
  done
  [[ ${#files[@]} -gt 0 ]] || fail "no *.rdb in $source_path"
else
  [[ -f $source_path ]] || fail "no such file: $source_path"
  files+=("$source_path")
fi
for file in "${files[@]}"; do
  [[ -r $file ]] || fail "can't be read: $file"
  magic=$(head -c 9 "$file" | tr -cd 'A-Z0-9')
  [[ $magic =~ ^REDIS[0-9]{4}$ ]] || fail "not an RDB file: $file"
done

# ---- what is always cleaned up

tmp=
server_pid=
copying=no
stop_server() {
  # KILL: the server holds nothing but a copy of the file, and may be busy.
  if [[ -n $server_pid ]]; then
    kill -KILL "$server_pid" 2>/dev/null || true
    wait "$server_pid" 2>/dev/null || true
    server_pid=
  fi
}
clean_up() {
  trap '' INT TERM HUP PIPE
  stop_server
  if [[ -n $tmp ]]; then rm -rf "$tmp"; fi
  if [[ $copying == yes ]]; then
    echo "restore: stopped in the middle: the target may hold a part of the keys. If nothing else is in it, empty it (FLUSHALL) before the next try." >&2
  fi
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
trap 'exit 129' HUP
trap 'exit 141' PIPE # its output is no longer read
tmp=$(mktemp -d "${TMPDIR:-/tmp}/restore.XXXXXX")

# ---- the private server and the target; commands go in on stdin, for anybody can read a command line

# Any bytes as a quoted argument that redis-cli understands.
quoted() { printf '"%s"' "$(printf %s "$1" | od -An -v -tx1 | tr -d ' \n' | sed 's/../\\x&/g')"; }
local_cli() { "$cli" -s "$tmp/s" "$@" 2>&1; }
target_cli() {
  if [[ -n $password ]]; then
    REDISCLI_AUTH=$password "$cli" -h "$1" -p "$2" 2>&1
  else
    "$cli" -h "$1" -p "$2" 2>&1
  fi
}
# A field of INFO on stdin; 0 where there is none.
field() { tr -d '\r' | awk -F: -v name="$1" '$1 == name { value = $2 } END { print value == "" ? 0 : value }'; }
# "0 12" for each database with keys, from INFO on stdin.
databases() { tr -d '\r' | sed -n 's/^db\([0-9]*\):keys=\([0-9]*\),.*/\1 \2/p'; }
sum_of_keys() { databases | awk '{ n += $2 } END { print n + 0 }'; }

# start_server [file]
start_server() {
  rm -f "$tmp/dump.rdb"
  if [[ $# -gt 0 ]]; then
    ln -s "$(cd "$(dirname "$1")" && pwd)/$(basename "$1")" "$tmp/dump.rdb"
  fi
  # The file is only read: nothing here ever saves.
  (cd "$tmp" && exec "$server" -) >"$tmp/log" 2>&1 <<CONFIG &
port 0
unixsocket ./s
unixsocketperm 700
dir ./
dbfilename dump.rdb
save ""
appendonly no
daemonize no
databases 1024
maxmemory 0
slowlog-log-slower-than -1
CONFIG
  server_pid=$!
  local answer
  while :; do
    answer=$(echo PING | local_cli) || true
    [[ $answer != PONG ]] || return 0
    if ! kill -0 "$server_pid" 2>/dev/null; then
      tail -n 5 "$tmp/log" >&2
      if [[ $# -gt 0 ]]; then
        fail "$server can't load $1 (RDB version $(head -c 9 "$1" | tail -c 4)): its last words are above"
      fi
      fail "$server doesn't start: its last words are above"
    fi
    sleep 0.05
  done
}

# The slot of a key, as Redis Cluster counts it.
lua_slot='
local function slot(key)
  local open = key:find("{", 1, true)
  if open then
    local close = key:find("}", open + 1, true)
    if close and close > open + 1 then key = key:sub(open + 1, close - 1) end
  end
  local crc = 0
  for i = 1, #key do
    crc = bit.bxor(crc, bit.lshift(key:byte(i), 8))
    for _ = 1, 8 do
      crc = bit.lshift(crc, 1)
      if crc >= 65536 then crc = bit.bxor(crc, 0x11021) end
    end
  end
  return crc % 16384
end
'
# A name of a key in the slots ARGV[1] to ARGV[2].
lua_name="$lua_slot"'
for i = 1, 1000000 do
  local name = "restore-sh-probe-" .. i
  local at = slot(name)
  if at >= tonumber(ARGV[1]) and at <= tonumber(ARGV[2]) then return name end
end'
# The RDB version this server writes into DUMP.
lua_rdb_version='
if redis.replicate_commands then redis.replicate_commands() end
redis.call("SET", "probe", 1)
local dump = redis.call("DUMP", "probe")
redis.call("DEL", "probe")
return dump:byte(#dump - 9) + 256 * dump:byte(#dump - 8)'
# Moves keys until 2,000 or 16 MB are asked for; gives the cursor to go on with, or an error as text. MIGRATE without
# COPY: what has arrived leaves this server, so a key that SCAN shows twice is not sent twice, and what is left is not done.
# ARGV: database, password, cursor, then "host port first-slot last-slot" for each range of slots.
lua_move="$lua_slot"'
if redis.replicate_commands then redis.replicate_commands() end
local database, password, cursor = ARGV[1], ARGV[2], ARGV[3]
local nodes, ranges = {}, {}
for i = 4, #ARGV do
  local host, port, first, last = ARGV[i]:match("^(%S+) (%d+) (%d+) (%d+)$")
  local name = host .. " " .. port
  nodes[name] = nodes[name] or { host = host, port = port, keys = {}, bytes = 0 }
  ranges[#ranges + 1] = { first = tonumber(first), last = tonumber(last), node = nodes[name] }
end
local function owner(key)
  if #ranges == 1 then return ranges[1].node end
  local at = slot(key)
  for _, range in ipairs(ranges) do
    if at >= range.first and at <= range.last then return range.node end
  end
end
local failure
local function send(node)
  if #node.keys == 0 or failure then return end
  local command = { "MIGRATE", node.host, node.port, "", database, "120000" }
  if password ~= "" then
    command[#command + 1] = "AUTH"
    command[#command + 1] = password
  end
  command[#command + 1] = "KEYS"
  for _, key in ipairs(node.keys) do command[#command + 1] = key end
  local reply = redis.pcall(unpack(command))
  if reply.err then failure = reply.err end
  node.keys, node.bytes = {}, 0
end
redis.call("SELECT", database)
local keys, bytes = 0, 0
repeat
  local page = redis.call("SCAN", cursor, "COUNT", 256)
  cursor = page[1]
  for _, key in ipairs(page[2]) do
    local node = owner(key)
    local size = redis.call("MEMORY", "USAGE", key)
    -- Gone when it expired since SCAN.
    if size then
      node.keys[#node.keys + 1] = key
      node.bytes = node.bytes + size
      keys, bytes = keys + 1, bytes + size
      if #node.keys >= 128 or node.bytes >= 4194304 then send(node) end
    end
  end
until cursor == "0" or keys >= 2000 or bytes >= 16777216 or failure
for _, node in pairs(nodes) do send(node) end
if failure then return "failed " .. failure end
return cursor'

# Values without a body: RESTORE looks at the RDB version and the checksum first, then refuses the body, so that it tells
# which version it takes without writing anything.
probe_of() {
  case $1 in
    7) echo '"\xfa\x07\x00\xcd\x15\xa8\xf1\x01\x92\x59\x54"' ;;
    8) echo '"\xfa\x08\x00\x8b\x0a\x91\xbd\xa0\x41\x06\x76"' ;;
    9) echo '"\xfa\x09\x00\xe2\xd5\x2c\xce\x5d\xde\xef\xff"' ;;
    10) echo '"\xfa\x0a\x00\x32\x27\x7d\x02\x09\x58\x8c\x4e"' ;;
    11) echo '"\xfa\x0b\x00\x5b\xf8\xc0\x71\xf4\xc7\x65\xc7"' ;;
    12) echo '"\xfa\x0c\x00\xf9\x51\x49\xc2\xf3\x72\x12\x07"' ;;
    13) echo '"\xfa\x0d\x00\x90\x8e\xf4\xb1\x0e\xed\xfb\x8e"' ;;
    14) echo '"\xfa\x0e\x00\x40\x7c\xa5\x7d\x5a\x6b\x98\x3f"' ;;
  esac
}

# ---- the target: nothing is copied before all of this holds

local_info() {
  local info
  info=$(echo INFO | local_cli) || true
  [[ $info == *redis_version:* ]] || fail "the local redis-server ended (is this machine's memory large enough?)"
  printf '%s\n' "$info"
}
load_script() { printf %s "$1" | local_cli -x SCRIPT LOAD; }
start_server
local_version=$(local_info | field redis_version)
rdb_version=$(printf 'EVALSHA %s 0\n' "$(load_script "$lua_rdb_version")" | local_cli)
[[ $rdb_version =~ ^[0-9]+$ ]] || fail "$server does not run scripts: $rdb_version"
name_script=$(load_script "$lua_name")
echo "local   $server $local_version, writes RDB version $rdb_version"

# What the target says to a client of this script, INFO or a reason to stop.
target_info() {
  local info
  info=$(echo INFO | target_cli "$1" "$2") || true
  case $info in
    # First, for INFO counts errors such as NOAUTH by name.
    *"AUTH failed"*redis_version:*) fail "$1:$2 takes no password: set REDISCLI_AUTH to nothing" ;;
    *redis_version:*) printf '%s\n' "$info" ;;
    *"Could not connect"*) fail "$1:$2 does not answer: $(head -n 1 <<<"$info")" ;;
    *"AUTH failed"* | *NOAUTH*)
      # redis-cli 5.0 does not tell that AUTH failed.
      [[ -n $password ]] || fail "$1:$2 wants a password, and REDISCLI_AUTH is empty"
      fail "$1:$2 refuses the password in REDISCLI_AUTH"
      ;;
    *LOADING*) fail "$1:$2 is loading its data: try again later" ;;
    *) fail "$1:$2 gives no INFO: $(head -n 1 <<<"$info")" ;;
  esac
}
# The reply of node $1:$2, which owns slots $3 to $4, to RESTORE of a value of RDB version $5.
try_restore() {
  local name=restore-sh-probe
  if [[ $cluster == yes ]]; then
    name=$(printf 'EVALSHA %s 0 %s %s\n' "$name_script" "$3" "$4" | local_cli)
  fi
  printf 'RESTORE %s 0 %s\n' "$name" "$(probe_of "$5")" | target_cli "$1" "$2"
}

info=$(target_info "$host" "$port")
nodes=() # "host port first-slot last-slot"
enabled=$(field cluster_enabled <<<"$info")
if [[ $cluster == no ]]; then
  [[ $enabled != 1 ]] || fail "$host:$port is a node of a Redis Cluster: add --cluster"
  nodes+=("$host $port 0 16383")
else
  [[ $enabled == 1 ]] || fail "$host:$port is no node of a Redis Cluster (it may be a proxy in front of one): leave --cluster out"
  state=$(echo CLUSTER INFO | target_cli "$host" "$port" | field cluster_state)
  [[ $state == ok ]] || fail "the cluster is not ready: cluster_state:$state"
  while read -r node; do nodes+=("$node"); done < <(
    echo CLUSTER NODES | target_cli "$host" "$port" | tr -d '\r' | awk -v asked="$host" '
      $3 ~ /master/ {
        address = $2
        sub(/[@,].*/, "", address)
        at = match(address, /:[0-9]+$/)
        name = substr(address, 1, at - 1)
        if (name == "") name = asked
        for (i = 9; i <= NF; i++) {
          if ($i ~ /^\[/) print "moving"
          else { n = split($i, slots, "-"); print name, substr(address, at + 1), slots[1], slots[n] }
        }
      }'
  )
  slots=0
  for node in "${nodes[@]:-}"; do
    [[ $node != moving ]] || fail "slots of the cluster are being moved: wait until that is done"
    read -r _ _ first last <<<"$node"
    slots=$((slots + ${last:-0} - ${first:-1} + 1))
  done
  [[ $slots -eq 16384 ]] || fail "CLUSTER NODES of $host:$port names the owners of $slots slots, not of 16384"
fi

# Once for each node, whatever number of ranges it owns: "host port keys expired evicted".
counts() {
  local node name port seen=' ' info
  for node in "${nodes[@]}"; do
    read -r name port _ <<<"$node"
    case $seen in *" $name/$port "*) continue ;; esac
    seen="$seen$name/$port "
    info=$(target_info "$name" "$port") || exit 1 # -e does not reach in here
    echo "$name $port $(sum_of_keys <<<"$info") $(field expired_keys <<<"$info") $(field evicted_keys <<<"$info")"
  done
}

before=$(counts)
while read -r name node_port keys _; do
  for node in "${nodes[@]}"; do
    case $node in "$name $node_port "*) break ;; esac
  done
  read -r _ _ first last <<<"$node"
  version=$(target_info "$name" "$node_port" | field redis_version)
  [[ $keys -eq 0 ]] || fail "the target holds keys already ($name:$node_port: $keys): it must be empty. Nothing was copied"
  reply=$(try_restore "$name" "$node_port" "$first" "$last" "$rdb_version")
  case $reply in
    *"Bad data format"*) ;;
    *"version or checksum"*)
      fits=$rdb_version
      while [[ $fits -gt 7 ]]; do
        fits=$((fits - 1))
        case $(try_restore "$name" "$node_port" "$first" "$last" "$fits") in *"Bad data format"*) break ;; esac
      done
      fail "$name:$node_port is Redis $version and takes RDB version $fits at most, $server $local_version writes $rdb_version: set REDIS_SERVER to a redis-server of the target's version (docs/restore.md). Nothing was copied"
      ;;
    *) fail "$name:$node_port does not let us RESTORE: $(head -n 1 <<<"$reply"). Nothing was copied" ;;
  esac
  echo "target  $name:$node_port Redis $version, empty, takes RESTORE of RDB version $rdb_version"
done <<<"$before"
stop_server

# ---- the files

why() {
  case $1 in
    *BUSYKEY*) echo "a key exists on the target already (written meanwhile, or in two of the files); nothing is overwritten" ;;
    *OOM*) echo "the target's memory is full" ;;
    *"version or checksum"*) echo "the target takes no values of this RDB version" ;;
    *NOPERM* | *"unknown command"*) echo "the target forbids a command" ;;
    *IOERR*) echo "the connection to the target failed" ;;
    *MOVED* | *CLUSTERDOWN* | *READONLY*) echo "the target's nodes changed their roles" ;;
    *) echo "the target or the local server refused" ;;
  esac
}

moved=0
for file in "${files[@]}"; do
  echo "loading $file"
  start_server "$file"
  info=$(local_info)
  found=$(databases <<<"$info")
  total=$(sum_of_keys <<<"$info")
  expired_before=$(field expired_keys <<<"$info")
  echo "file    $file: $total keys$(awk 'NF { printf ", db%s: %s", $1, $2 }' <<<"$found"), $(field used_memory_human <<<"$info") in memory"
  if [[ $(field rdb_last_load_keys_expired <<<"$info") -gt 0 ]]; then
    echo "        $(field rdb_last_load_keys_expired <<<"$info") more keys had expired"
  fi
  if [[ $(field number_of_libraries <<<"$info") -gt 0 ]]; then
    echo "        $(field number_of_libraries <<<"$info") libraries of functions in it are not copied"
  fi
  while read -r database _; do
    [[ -n $database && $database != 0 ]] || continue
    [[ $cluster == no ]] || fail "$file holds keys in database $database, a Redis Cluster has only 0"
    reply=$(echo "SELECT $database" | target_cli "$host" "$port")
    [[ $reply == OK ]] || fail "$file holds keys in database $database, which the target does not have: $reply"
  done <<<"$found"

  if [[ $dry_run == no && $total -gt 0 ]]; then
    copying=yes
    move_script=$(load_script "$lua_move")
    secret=$(quoted "$password")
    ranges=$(printf ' "%s"' "${nodes[@]}")
    shown=$SECONDS
    round=0
    left=$total
    while [[ $left -gt 0 ]]; do
      # A second round is for keys that expired in the first and still count.
      round=$((round + 1))
      [[ $round -le 100 ]] || fail "some keys of $file stay behind"
      while read -r database _; do
        cursor=0
        while :; do
          # In the background, for a trap waits for what is in the foreground, and a target that hangs takes minutes.
          printf 'EVALSHA %s 0 %s %s %s%s\n' "$move_script" "$database" "$secret" "$cursor" "$ranges" |
            local_cli >"$tmp/reply" &
          wait $! || true
          reply=$(cat "$tmp/reply")
          if ! [[ $reply =~ ^[0-9]+$ ]]; then
            fail "$(why "$reply"): $(head -n 1 <<<"${reply#failed }")"
          fi
          cursor=$reply
          if [[ $((SECONDS - shown)) -ge 2 ]]; then
            shown=$SECONDS
            left=$(local_info | sum_of_keys)
            echo "        $((total - left)) of $total keys"
          fi
          [[ $cursor != 0 ]] || break
        done
      done <<<"$found"
      left=$(local_info | sum_of_keys)
    done
    expired=$(local_info | field expired_keys)
    expired=$((expired - expired_before))
    moved=$((moved + total - expired))
    echo "        $total of $total keys done, $expired of them expired meanwhile"
  fi
  stop_server
done

if [[ $dry_run == yes ]]; then
  echo "dry run: nothing was copied"
  exit 0
fi

# ---- the proof

after=$(counts)
sum() { awk -v column="$2" '{ n += $column } END { print n + 0 }' <<<"$1"; }
held=$(sum "$after" 3)
expired=$(($(sum "$after" 4) - $(sum "$before" 4)))
evicted=$(($(sum "$after" 5) - $(sum "$before" 5)))
copying=no # from here on other keys in the target are somebody else's
[[ $evicted -eq 0 ]] || fail "$moved keys were copied, and the target threw $evicted keys away: its memory is too small. Restore into a larger, empty instance"
[[ $((held + expired)) -eq $moved ]] || fail "all $moved keys were copied, but the target holds $held, and $expired expired there: did somebody else write to it? Look at its keys before you delete any"
echo "restored: $moved keys copied, the target holds $held, $expired expired there meanwhile"
