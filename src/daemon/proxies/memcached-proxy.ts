/**
 * memcached's own proxy (1.6.23 and later, built with --enable-proxy) as a proxy of the pair: its command line, and the
 * Lua that makes it write both copies. Starts nothing.
 */
import type { Command, Endpoint, ProxyConfig } from '../../config/config.ts';

/** How long a memcached may stay silent, in seconds: as the bundled proxy has it. */
const SILENCE = 0.23;
/** Between two attempts to reach one that is out, in whole seconds: the least that it takes. */
const RETRY = 1;

/** The option without which the program has no proxy; `memcached -h` names it. */
export const PROXY_OPTION = 'proxy_config';

/**
 * memcached as a proxy with the Lua of `file`. One worker, so that there is one ordered connection to each copy: with
 * several, hot keys would end up different on the two. It is no more than we are: `-u` is only needed by root, and
 * another user would cost it the signal that comes when we die (prctl(2), PR_SET_PDEATHSIG).
 */
export function memcachedProxyCommand({ listen }: ProxyConfig, file: string, isRoot: boolean): Command {
  return [
    ...['memcached', '-l', listen.host, '-p', String(listen.port), '-U', '0', '-t', '1', '-c', '4096'],
    ...(isRoot ? ['-u', 'root'] : []),
    ...['-o', `${PROXY_OPTION}=${file}`],
  ];
}

/**
 * The Lua of a pair. Every write goes to both copies, and the server's answer is the client's unless the server is
 * away; reads ask the server, and the backup when that is away or misses. Without backups it only distributes.
 *
 * What it cannot do and the bundled proxy does: a write whose outcome depends on the old value (incr, add, append) is
 * decided on each copy by itself, a copy that comes back is read at once, flush_all and the binary protocol are refused.
 */
export function memcachedProxyLua({ name, servers, backups }: ProxyConfig): string {
  const pool = (role: string, endpoints: readonly Endpoint[]): string =>
    `mcp.pool({ ${endpoints.map(({ host, port }, index) => `mcp.backend("${role}${index + 1}", "${host}", ${port})`).join(', ')} })`;
  return `-- Proxy ${name}. Written anew by memcache-ha at each start.

function mcp_config_pools()
  mcp.backend_connect_timeout(${SILENCE})
  mcp.backend_read_timeout(${SILENCE})
  mcp.backend_failure_limit(1)
  mcp.backend_retry_waittime(${RETRY})
  mcp.backend_flap_backoff_max(${RETRY})
  return {
    servers = ${pool('server', servers)},
    backups = ${backups.length === 0 ? 'nil' : pool('backup', backups)},
  }
end

${backups.length === 0 ? SINGLE : PAIR}`;
}

const SINGLE = `function mcp_config_routes(pools)
  mcp.attach(mcp.CMD_ANY_STORAGE, pools.servers)
end
`;

const PAIR = `local function answered(result)
  return result ~= nil and result:ok()
end

-- The server's answer while it has one; else the backup's, be it an error.
local function better(first, second)
  if answered(first) or second == nil then return first end
  return second
end

local function read(rctx, request, server, backup)
  local first = rctx:enqueue_and_wait(request, server)
  if answered(first) and first:hit() then return first end
  local second = rctx:enqueue_and_wait(request, backup)
  if answered(second) and second:hit() then return second end
  return better(first, second)
end

local function write(rctx, request, server, backup)
  rctx:enqueue(request, { server, backup })
  rctx:wait_cond(2, mcp.WAIT_ANY)
  return better((rctx:result(server)), (rctx:result(backup)))
end

-- The same request without its condition. CAS numbers are each copy's own.
local function unconditional(request)
  if request:command() == mcp.CMD_CAS then
    local line = { "set", request:key(), request:token(3), request:token(4), request:token(5) }
    return mcp.request(table.concat(line, " ") .. "\\r\\n", request)
  end
  local words = {}
  for number = 1, request:ntokens() do
    local word = request:token(number)
    if number < 3 or word:sub(1, 1) ~= "C" then words[#words + 1] = word end
  end
  return mcp.request(table.concat(words, " ") .. "\\r\\n", request)
end

local function isConditional(request)
  return request:command() == mcp.CMD_CAS or request:has_flag("C")
end

local refused = {
  [mcp.MCMC_CODE_EXISTS] = true,
  [mcp.MCMC_CODE_NOT_FOUND] = true,
  [mcp.MCMC_CODE_NOT_STORED] = true,
}

-- Decided where the number comes from, and carried to the other copy when it was stored.
local function compare(rctx, request, server, backup)
  local first = rctx:enqueue_and_wait(request, server)
  if not answered(first) then return rctx:enqueue_and_wait(request, backup) end
  if not refused[first:code()] then rctx:enqueue_and_wait(unconditional(request), backup) end
  return first
end

local function writeMeta(rctx, request, server, backup)
  if isConditional(request) then return compare(rctx, request, server, backup) end
  return write(rctx, request, server, backup)
end

local function route(pools, name, answer)
  local generator = mcp.funcgen_new()
  local server = generator:new_handle(pools.servers)
  local backup = generator:new_handle(pools.backups)
  generator:ready({ n = name, f = function(rctx)
    return function(request) return answer(rctx, request, server, backup) end
  end })
  return generator
end

function mcp_config_routes(pools)
  mcp.attach(mcp.CMD_ANY_STORAGE, route(pools, "write", write))
  local reading = route(pools, "read", read)
  for _, command in ipairs({ mcp.CMD_GET, mcp.CMD_GETS, mcp.CMD_MG }) do mcp.attach(command, reading) end
  mcp.attach(mcp.CMD_CAS, route(pools, "compare", compare))
  local meta = route(pools, "write_meta", writeMeta)
  for _, command in ipairs({ mcp.CMD_MS, mcp.CMD_MD, mcp.CMD_MA }) do mcp.attach(command, meta) end
end
`;
