#include "thimble/server/expand_document.hpp"

#include "thimble/base/digest.hpp"

#include <zstd.h>

#include <functional>
#include <memory>

namespace thimble::server {
namespace {

struct FreeStream {
    void operator()(ZSTD_DCtx* stream) const { ZSTD_freeDCtx(stream); }
};

// A window of 8 MiB is what zstd's levels up to 19 use; more is memory that a stranger chooses.
constexpr int kMaxWindowLog = 23;

Error bad_document(const char* what) {
    return failure(ErrorKind::Invalid, "server.bad_document", what);
}

/// Expands piece by piece; `take` is given each.
Result<std::size_t> expand(
    std::string_view compressed, const std::function<void(std::string_view)>& take) {
    if (compressed.empty() || compressed.size() > kMaxCompressedBytes) {
        return bad_document("a document has 1 byte to 8 MiB, compressed");
    }
    const std::unique_ptr<ZSTD_DCtx, FreeStream> stream(ZSTD_createDCtx());
    THIMBLE_CHECK(stream != nullptr);
    ZSTD_DCtx_setParameter(stream.get(), ZSTD_d_windowLogMax, kMaxWindowLog);
    std::string piece(ZSTD_DStreamOutSize(), '\0');
    std::size_t bytes = 0;
    ZSTD_inBuffer in{compressed.data(), compressed.size(), 0};
    for (;;) {
        ZSTD_outBuffer out{piece.data(), piece.size(), 0};
        const std::size_t before = in.pos;
        const std::size_t left = ZSTD_decompressStream(stream.get(), &out, &in);
        if (ZSTD_isError(left) != 0) {
            return bad_document("the document is not zstd");
        }
        bytes += out.pos;
        if (bytes > kMaxExpandedBytes) {
            return bad_document("the document is larger than 64 MiB when expanded");
        }
        take({piece.data(), out.pos});
        if (left == 0) {
            break;
        }
        if (in.pos == before && out.pos == 0) {
            return bad_document("the document ends too early");
        }
    }
    if (in.pos != in.size) {
        return bad_document("something follows the document");
    }
    return bytes;
}

}  // namespace

Result<ExpandedDocument> expand_document(std::string_view compressed) {
    Digest sha(DigestKind::Sha256);
    THIMBLE_TRY(const std::size_t bytes, expand(compressed, [&sha](std::string_view piece) {
                    sha.add(piece);
                }));
    return ExpandedDocument{sha.finish(), bytes};
}

Result<std::string> text_of_document(std::string_view compressed) {
    std::string text;
    THIMBLE_TRY(expand(compressed, [&text](std::string_view piece) { text += piece; }));
    return text;
}

}  // namespace thimble::server
