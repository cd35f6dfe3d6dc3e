#pragma once
/// @file The way to a provider by libcurl.

#include "thimble/openid/provider.hpp"

#include <memory>

namespace thimble::openid {

/// https alone, TLS 1.2 at least, always verified; no redirect is followed; 5 s to connect, 10 s for all of
/// it, answers of at most 256 KiB. For one thread at a time.
class CurlWeb final : public Web {
public:
    /// @param authority_file  PEM of who is trusted; empty: what the system trusts
    explicit CurlWeb(std::string authority_file);
    ~CurlWeb() override;
    CurlWeb(const CurlWeb&) = delete;
    CurlWeb& operator=(const CurlWeb&) = delete;
    CurlWeb(CurlWeb&&) = delete;
    CurlWeb& operator=(CurlWeb&&) = delete;

    Result<std::string> get(const std::string& address) override;
    Result<std::string> post(
        const std::string& address,
        const std::string& form,
        const std::string& authorization) override;

private:
    struct Session;
    std::unique_ptr<Session> session_;
};

}  // namespace thimble::openid
