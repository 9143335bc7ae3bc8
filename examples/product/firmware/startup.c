/* From reset to main(). */
#include <stdint.h>

extern uint32_t data_begin[], data_end[], data_load[], bss_begin[], bss_end[], stack_top[];
extern void initialise_monitor_handles(void); /* of rdimon: printf goes to the debugger */
extern void _exit(int);
int main(void);
void reset(void);

void reset(void) {
    volatile uint32_t *cpacr = (volatile uint32_t *)0xE000ED88U;
    *cpacr |= 0xFU << 20; /* the FPU */
    for (uint32_t *to = data_begin, *from = data_load; to < data_end;)
        *to++ = *from++;
    for (uint32_t *to = bss_begin; to < bss_end;)
        *to++ = 0;
    initialise_monitor_handles();
    _exit(main());
}

static void hang(void) {
    for (;;) {
    }
}

__attribute__((section(".vectors"), used)) static void *const vectors[] = {stack_top, (void *)reset, (void *)hang,
                                                                           (void *)hang};
