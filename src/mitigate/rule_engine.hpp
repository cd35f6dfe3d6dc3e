#pragma once
/// @file The real engine of the web application firewall (libmodsecurity), asked about single requests.

#include "thimble/base/result.hpp"
#include "thimble/mitigate/modsecurity_call.hpp"

#include <string>
#include <utility>

namespace thimble::mitigate {

/// Rules that were loaded, behind a plain configuration: engine on, bodies read, JSON and XML parsed, and no
/// other rule. Not for two threads at once.
class RuleEngine {
public:
    /// @error Invalid "mitigate.bad_rules": what the engine says of the rules
    static Result<RuleEngine> load(const std::string& rules);
    [[nodiscard]] EngineVerdict ask(const RequestSample& sample) const {
        return engine_.ask(sample);
    }

private:
    explicit RuleEngine(ModSecurityCall engine) : engine_(std::move(engine)) {}
    ModSecurityCall engine_;
};

}  // namespace thimble::mitigate
