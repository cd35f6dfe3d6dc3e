#pragma once
/// @file libmodsecurity itself. Apart, since its headers are C++20 and ours C++23: values of the standard library alone.

#include "thimble/mitigate/engine_verdict.hpp"
#include "thimble/mitigate/request_sample.hpp"

#include <memory>
#include <string>

namespace thimble::mitigate {

class ModSecurityCall {
public:
    ModSecurityCall();
    ModSecurityCall(ModSecurityCall&& other) noexcept;
    ModSecurityCall& operator=(ModSecurityCall&& other) noexcept;
    ModSecurityCall(const ModSecurityCall&) = delete;
    ModSecurityCall& operator=(const ModSecurityCall&) = delete;
    ~ModSecurityCall();

    /// @return whether it took the rules; they are added to those before
    bool load(const std::string& rules);
    [[nodiscard]] std::string complaint() const;  ///< about what it did not take
    [[nodiscard]] EngineVerdict ask(const RequestSample& sample) const;

private:
    struct Loaded;
    std::unique_ptr<Loaded> loaded_;
};

/// "ModSecurity 3.0.9".
std::string engine_version();

}  // namespace thimble::mitigate
