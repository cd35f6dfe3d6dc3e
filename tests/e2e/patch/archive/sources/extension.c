/* A Python extension module whose import fails when its library is not ready. The few things of Python.h
   (stable ABI of 3.11) that it needs are declared here, so that no development files are needed. */
typedef struct {
    long refcount;
    void *type;
    void *(*init)(void);
    long index;
    void *copy;
    const char *name;
    const char *doc;
    long size;
    void *methods, *slots, *traverse, *clear, *free;
} ModuleDefinition;

extern void *PyExc_ImportError;
void *PyModule_Create2(ModuleDefinition *, int);
void PyErr_SetString(void *, const char *);
int purpose_ready(void);

static ModuleDefinition definition = {1, 0, 0, 0, 0, "purpose_ready", 0, -1, 0, 0, 0, 0, 0};

void *PyInit_purpose_ready(void) {
    if (!purpose_ready()) {
        PyErr_SetString(PyExc_ImportError, "libready does not offer what purpose_ready was built for");
        return 0;
    }
    return PyModule_Create2(&definition, 1013);
}
