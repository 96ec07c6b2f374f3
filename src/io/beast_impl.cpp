// Beast's non-template definitions, compiled once for the whole project.
#include <boost/beast/src.hpp>
