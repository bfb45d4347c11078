#include "src/demo_files.hpp"

#include "src/demo_pptx.hpp"

#include <fstream>

namespace filemint {
namespace {

result<void> write_file(const std::filesystem::path& where, std::string_view bytes) {
  std::error_code error;
  std::filesystem::create_directories(where.parent_path(), error);
  std::ofstream out{where, std::ios::binary | std::ios::trunc};
  out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  out.close();
  if (!out) return fail(errc::io_failed, "cannot write " + where.string());
  return {};
}

}  // namespace

const std::vector<demo_file>& demo_files() {
  static const std::vector<demo_file> files{
      {"uploads/co_xyz/file_abc123/context.pdf", "Context"},
      {"uploads/co_xyz/file_def456/notes.pptx", "Notes"},
  };
  return files;
}

result<void> write_demo_files(const std::filesystem::path& root) {
  for (const auto& [path, title] : demo_files()) {
    const auto bytes = path.ends_with(".pdf") ? make_pdf(title) : make_pptx(title);
    if (auto done = write_file(root / path, bytes); !done) return done;
  }
  return write_file(root / "uploads/co_other/file_ghi789/plan.pdf", make_pdf("Plan"));
}

std::string make_pdf(std::string_view text) {
  const auto page_text = "BT /F1 24 Tf 72 720 Td (" + std::string{text} + ") Tj ET\n";
  const std::vector<std::string> objects{
      "<< /Type /Catalog /Pages 2 0 R >>",
      "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
      ("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R "
       "/Resources << /Font << /F1 5 0 R >> >> >>"),
      "<< /Length " + std::to_string(page_text.size()) + " >>\nstream\n" + page_text + "endstream",
      "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
  };
  std::string pdf = "%PDF-1.4\n";
  std::string table = "xref\n0 " + std::to_string(objects.size() + 1) + "\n0000000000 65535 f \n";
  for (std::size_t i = 0; i < objects.size(); ++i) {
    auto offset = std::to_string(pdf.size());
    offset.insert(0, 10 - offset.size(), '0');
    table += offset + " 00000 n \n";
    pdf += std::to_string(i + 1) + " 0 obj\n" + objects[i] + "\nendobj\n";
  }
  const auto table_at = std::to_string(pdf.size());
  return pdf + table + "trailer\n<< /Size " + std::to_string(objects.size() + 1) +
         " /Root 1 0 R >>\nstartxref\n" + table_at + "\n%%EOF\n";
}

}  // namespace filemint
