#include "transport/http/message.hpp"

namespace footbridge::http {

// What a web server of many says of a page it does not have.
Response decoy() {
  return {.status = 404,
          .content_type = "text/html",
          .body = to_bytes("<html>\r\n<head><title>404 Not Found</title></head>\r\n<body>\r\n"
                           "<center><h1>404 Not Found</h1></center>\r\n</body>\r\n</html>\r\n"),
          .is_decoy = true};
}

}  // namespace footbridge::http
