#include "thimble/host/talking_program.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <array>
#include <csignal>
#include <string>
#include <vector>

namespace thimble::host {
namespace {

using Words = std::vector<std::string>;

/// Until the program has closed its end.
std::string heard(const TalkingProgram& program) {
    std::string text;
    std::array<char, 256> block{};
    for (;;) {
        const ssize_t count = ::recv(program.socket().number(), block.data(), block.size(), 0);
        if (count <= 0) {
            return text;
        }
        text.append(block.data(), static_cast<std::size_t>(count));
    }
}

TEST(TalkingProgram, IsHeardAndSpokenTo) {
    auto program =
        TalkingProgram::start(Words{"sh", "-c", "read line; echo \"<$line>\"; echo bad >&2"});
    ASSERT_TRUE(program.has_value()) << program.error().text();

    ASSERT_EQ(::send(program->socket().number(), "hello\n", 6, MSG_NOSIGNAL), 6);

    EXPECT_EQ(heard(*program), "<hello>\n");
    EXPECT_EQ(program->complaint(), "bad");
}

TEST(TalkingProgram, IsKilledWithItsEnd) {
    std::string number;
    {
        auto program = TalkingProgram::start(Words{"sh", "-c", "echo $$; exec sleep 1000"});
        ASSERT_TRUE(program.has_value());
        std::array<char, 32> block{};
        const ssize_t count = ::recv(program->socket().number(), block.data(), block.size(), 0);
        ASSERT_GT(count, 0);
        number.assign(block.data(), static_cast<std::size_t>(count));
        ASSERT_EQ(::kill(std::stoi(number), 0), 0);
    }
    EXPECT_EQ(::kill(std::stoi(number), 0), -1);
}

TEST(TalkingProgram, IsAnErrorWhenThereIsNone) {
    const auto program = TalkingProgram::start(Words{"no-such-program"});
    ASSERT_FALSE(program.has_value());
    EXPECT_EQ(program.error().kind, ErrorKind::NotFound);
}

}  // namespace
}  // namespace thimble::host
