/* A service that needs its library to be ready: else it fails at once. Says so and runs until it is killed. */
#include <stdio.h>
#include <unistd.h>

int purpose_value(void);
int purpose_ready(void);

int main(void) {
    if (!purpose_ready()) {
        fprintf(stderr, "the library is not ready\n");
        return 3;
    }
    printf("serving %d\n", purpose_value());
    fflush(stdout);
    for (;;)
        pause();
}
