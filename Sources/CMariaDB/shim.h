#include <mysql.h>
#include <errmsg.h>
#include <mysqld_error.h>
#include <mariadb_rpl.h>

// Swift cannot call C functions with variable arguments: one wrapper an option.
static inline int dorsal_rpl_set_file(MARIADB_RPL *rpl, const char *name, size_t length) {
    return mariadb_rpl_optionsv(rpl, MARIADB_RPL_FILENAME, name, length);
}
static inline int dorsal_rpl_set_start(MARIADB_RPL *rpl, unsigned long position) {
    return mariadb_rpl_optionsv(rpl, MARIADB_RPL_START, position);
}
static inline int dorsal_rpl_set_server_id(MARIADB_RPL *rpl, unsigned int server_id) {
    return mariadb_rpl_optionsv(rpl, MARIADB_RPL_SERVER_ID, server_id);
}
static inline int dorsal_rpl_set_flags(MARIADB_RPL *rpl, unsigned int flags) {
    return mariadb_rpl_optionsv(rpl, MARIADB_RPL_FLAGS, flags);
}
static inline const unsigned char *dorsal_packet(MYSQL *mysql) { return mysql->net.read_pos; }
