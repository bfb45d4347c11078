-- Asks filemint's /verify about a request; txn.filemint is its answer's status, or 503. Nothing of the client's own fields but
-- its token is passed on: what it says in X-Original-URI and X-Original-Method does not arrive.
local verify = "http://127.0.0.1:8080/verify" -- HERE: filemint

core.register_action("filemint_verify", { "http-req" }, function(txn)
  local authorization = txn.f:req_hdr("authorization")
  local headers = {
    ["x-original-uri"] = { txn.f:pathq() },
    ["x-original-method"] = { txn.f:method() },
    ["x-forwarded-for"] = { txn.f:src() },
  }
  if authorization and authorization ~= "" then
    headers["authorization"] = { authorization }
  end
  local answer = core.httpclient():get { url = verify, headers = headers, timeout = 2000 }
  local status = answer and answer.status or 0
  txn:set_var("txn.filemint", (status == 200 or status == 401 or status == 403) and status or 503)
end)
