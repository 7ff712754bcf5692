// A C++ program, of C++98 and of C++17 alike, that uses the installed library.
#include <cstdio>
#include <stdexcept>
#include <string>
#include <vector>

#include "swiftnn.h"

namespace {

void check(snn_status status)
{
    if (status < 0) {
        throw std::runtime_error(std::string(snn_status_name(status)) + ": " + snn_last_error());
    }
}

class Model {
public:
    Model() : handle(NULL) { check(snn_model_create("{class_name: 'Sequential'}", &handle)); }
    ~Model() { if (snn_model_free(handle) != SNN_OK) std::puts("free failed"); }

    void add(const char *class_name, const char *options)
    {
        int32_t tensor = 0;
        check(snn_model_add_layer(handle, class_name, options, NULL, 0, &tensor));
    }

    std::string summary() const
    {
        int64_t length = 0;
        check(snn_model_get_summary(handle, NULL, 0, &length));
        std::vector<char> text(static_cast<std::size_t>(length) + 1);
        check(snn_model_get_summary(handle, &text[0], length + 1, &length));
        return std::string(&text[0]);
    }

private:
    Model(const Model &);
    Model &operator=(const Model &);
    snn_model *handle;
};

}

int main()
{
    try {
        Model model;
        model.add("InputLayer", "{shape: [3]}");
        model.add("Dense", "{units: 5, activation: 'relu'}");
        std::puts(model.summary().c_str());
        try {
            model.add("Dens", "{units: 5}");
            return 1;
        } catch (const std::runtime_error &error) {
            std::puts(error.what());
        }
        return model.summary().find("Dense") == std::string::npos;
    } catch (const std::exception &error) {
        std::fprintf(stderr, "%s\n", error.what());
        return 1;
    }
}
