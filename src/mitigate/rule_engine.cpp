#include "thimble/mitigate/rule_engine.hpp"

#include <utility>

namespace thimble::mitigate {
namespace {

/// Ids of ModSecurity's own recommended configuration, so that both may be loaded.
constexpr const char* kPlainConfiguration = R"(
SecRuleEngine On
SecRequestBodyAccess On
SecResponseBodyAccess Off
SecRequestBodyLimit 13107200
SecRequestBodyNoFilesLimit 13107200
SecRequestBodyLimitAction Reject
SecAuditEngine Off
SecDebugLogLevel 0
SecUploadDir /tmp
SecRule REQUEST_HEADERS:Content-Type "^(?:application(?:/soap\+|/)|text/)xml" "id:200000,phase:1,t:none,t:lowercase,pass,nolog,ctl:requestBodyProcessor=XML"
SecRule REQUEST_HEADERS:Content-Type "^application/(?:[a-z0-9.+-]+\+)?json" "id:200001,phase:1,t:none,t:lowercase,pass,nolog,ctl:requestBodyProcessor=JSON"
)";

}  // namespace

Result<RuleEngine> RuleEngine::load(const std::string& rules) {
    ModSecurityCall engine;
    if (!engine.load(kPlainConfiguration) || !engine.load(rules)) {
        return failure(
            ErrorKind::Invalid,
            "mitigate.bad_rules",
            "the engine does not take the rules: " + engine.complaint());
    }
    return RuleEngine(std::move(engine));
}

}  // namespace thimble::mitigate
