/* A small library. The build decides by -D what it offers and what it answers. */
int purpose_value(void) { return 1; }
#ifndef DROP_SECOND
int purpose_second(void) { return 2; }
#endif
#ifdef NOT_READY
int purpose_ready(void) { return 0; }
#else
int purpose_ready(void) { return 1; }
#endif
