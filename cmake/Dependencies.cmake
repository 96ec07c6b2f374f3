# Everything from outside, found once and named fb_dep_*. All of it is installed by scripts/setup; nothing is downloaded.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(Boost 1.81 REQUIRED)

function(fb_pkg name)
  pkg_check_modules(${name} REQUIRED IMPORTED_TARGET ${ARGN})
  add_library(fb_dep_${name} INTERFACE)
  target_link_libraries(fb_dep_${name} INTERFACE PkgConfig::${name})
endfunction()

fb_pkg(sodium libsodium)
fb_pkg(openssl openssl)
fb_pkg(nice nice)
fb_pkg(miniupnpc miniupnpc)
fb_pkg(usrsctp usrsctp)
# Debian 12 itself has an older ngtcp2, with another interface. Ours goes into the program, so that its package needs
# nothing that Debian 12 does not have.
fb_pkg(gnutls gnutls)
pkg_check_modules(ngtcp2 REQUIRED libngtcp2>=1.11 libngtcp2_crypto_gnutls>=1.11)
find_library(FB_NGTCP2 libngtcp2.a REQUIRED)
find_library(FB_NGTCP2_GNUTLS libngtcp2_crypto_gnutls.a REQUIRED)
add_library(fb_dep_quic INTERFACE)
target_link_libraries(fb_dep_quic INTERFACE ${FB_NGTCP2_GNUTLS} ${FB_NGTCP2} fb_dep_gnutls)
fb_pkg(fmt fmt)
fb_pkg(qrencode libqrencode)

# Asio and Beast are compiled once, in io_boost; everybody else sees declarations only.
add_library(fb_dep_boost INTERFACE)
target_link_libraries(fb_dep_boost INTERFACE Boost::headers Threads::Threads)
target_compile_definitions(fb_dep_boost INTERFACE
  BOOST_ASIO_SEPARATE_COMPILATION BOOST_BEAST_SEPARATE_COMPILATION BOOST_ASIO_NO_DEPRECATED
  BOOST_ASIO_DISABLE_VISIBILITY BOOST_BEAST_USE_STD_STRING_VIEW)

if(FB_TESTS)
  find_package(GTest REQUIRED)
  find_package(benchmark REQUIRED)
endif()
