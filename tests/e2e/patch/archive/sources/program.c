/* Uses both functions of the library. With the argument "stay" it says so and stays until its input ends. */
#include <stdio.h>
#include <string.h>

int purpose_value(void);
int purpose_second(void);

int main(int argc, char **argv) {
    printf("%d\n", purpose_value() + purpose_second());
    fflush(stdout);
    if (argc > 1 && strcmp(argv[1], "stay") == 0)
        while (getchar() != EOF) {
        }
    return 0;
}
