local started_at = ngx.now()
local user_id = ngx.var[1]
local encoded = ngx.escape_uri(user_id)

local user, orders, recommendations = ngx.location.capture_multi({
  { "/internal/user/" .. encoded },
  { "/internal/orders", { args = "user_id=" .. encoded } },
  { "/internal/recommendations/" .. encoded },
})

if user.status ~= 200 or orders.status ~= 200 or recommendations.status ~= 200 then
  return ngx.exit(ngx.HTTP_BAD_GATEWAY)
end

ngx.update_time()
local elapsed = string.format("%d", (ngx.now() - started_at) * 1000)
local report = '{"status":"fresh","elapsedMs":' .. elapsed .. ',"attempts":1}'
local body = {
  '{"status":"success","userId":"', encoded,
  '","data":{"user":', user.body, ',"orders":', orders.body, ',"recommendations":', recommendations.body,
  '},"missing":[],"stale":[],"sources":{"user":', report, ',"orders":', report, ',"recommendations":', report,
  '},"meta":{"requestId":"', ngx.var.request_id, '","elapsedMs":', elapsed, ',"deadlineMs":1500}}',
}
local length = 0
for _, part in ipairs(body) do
  length = length + #part
end
ngx.header.content_length = length
ngx.print(body)
