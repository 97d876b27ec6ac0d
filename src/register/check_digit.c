/* SPDX-License-Identifier: Apache-2.0 */
#include "register/check_digit.h"

/* 11 - (sum of P_n * Q_n mod 11) with n from the right; a remainder of 0 or 1 gives 0. */
int check_digit_of(const char *digits, size_t count)
{
    int sum = 0;

    for (size_t n = 1; n <= count; n++) {
        char digit = digits[count - n];
        int weight = (int)(n <= 6 ? n + 1 : n - 5);

        if (digit < '0' || digit > '9')
            return -1;
        sum += (digit - '0') * weight;
    }
    return sum % 11 <= 1 ? 0 : 11 - sum % 11;
}
