#include "src/demo_pptx.hpp"

#include "src/zip.hpp"

#include <array>

namespace filemint {
namespace {

constexpr std::string_view declaration =
    R"(<?xml version="1.0" encoding="UTF-8" standalone="yes"?>)";
constexpr std::string_view namespaces =
    R"( xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main")"
    R"( xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships")"
    R"( xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main")";
constexpr std::string_view empty_group =
    R"(<p:nvGrpSpPr><p:cNvPr id="1" name=""/><p:cNvGrpSpPr/><p:nvPr/></p:nvGrpSpPr><p:grpSpPr/>)";

struct relation {
  std::string_view kind;
  std::string_view target;
};

// Their ids are rId1, rId2, … in order.
template <std::size_t N>
std::string relations(const std::array<relation, N>& all) {
  std::string text =
      R"(<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">)";
  int id = 0;
  for (const auto& [kind, target] : all) {
    text += "<Relationship Id=\"rId" + std::to_string(++id) + "\" Type=\"";
    text += "http://schemas.openxmlformats.org/officeDocument/2006/relationships/";
    text.append(kind).append("\" Target=\"").append(target).append("\"/>");
  }
  return text + "</Relationships>";
}

// A slide, its layout or its master: they hold a tree of shapes.
std::string with_shapes(std::string_view element, std::string_view shapes, std::string_view rest) {
  std::string text = "<p:";
  text.append(element).append(namespaces).append("><p:cSld><p:spTree>").append(empty_group);
  text.append(shapes).append("</p:spTree></p:cSld>").append(rest);
  return text.append("</p:").append(element).append(">");
}

std::string text_box(std::string_view text) {
  std::string shape =
      R"(<p:sp><p:nvSpPr><p:cNvPr id="2" name="Title"/><p:cNvSpPr txBox="1"/><p:nvPr/></p:nvSpPr>)"
      R"(<p:spPr><a:xfrm><a:off x="914400" y="914400"/><a:ext cx="7315200" cy="914400"/></a:xfrm>)"
      R"(<a:prstGeom prst="rect"><a:avLst/></a:prstGeom></p:spPr>)"
      R"(<p:txBody><a:bodyPr/><a:p><a:r><a:rPr lang="en" sz="4000"/><a:t>)";
  return shape.append(text).append("</a:t></a:r></a:p></p:txBody></p:sp>");
}

std::string content_types() {
  struct part {
    std::string_view name, kind;
  };
  constexpr std::array parts{
      part{"presentation", "presentationml.presentation.main"},
      part{"slides/slide1", "presentationml.slide"},
      part{"slideLayouts/slideLayout1", "presentationml.slideLayout"},
      part{"slideMasters/slideMaster1", "presentationml.slideMaster"},
      part{"theme/theme1", "theme"},
  };
  std::string text =
      R"(<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">)"
      R"(<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>)"
      R"(<Default Extension="xml" ContentType="application/xml"/>)";
  for (const auto& [name, kind] : parts) {
    text.append("<Override PartName=\"/ppt/").append(name).append(".xml\" ContentType=\"");
    text.append("application/vnd.openxmlformats-officedocument.").append(kind).append("+xml\"/>");
  }
  return text + "</Types>";
}

std::string presentation() {
  std::string text = "<p:presentation";
  text += namespaces;
  text +=
      R"(><p:sldMasterIdLst><p:sldMasterId id="2147483648" r:id="rId1"/></p:sldMasterIdLst>)"
      R"(<p:sldIdLst><p:sldId id="256" r:id="rId2"/></p:sldIdLst>)"
      R"(<p:sldSz cx="9144000" cy="6858000"/><p:notesSz cx="6858000" cy="9144000"/></p:presentation>)";
  return text;
}

std::string theme() {
  std::string text =
      R"(<a:theme xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" name="Plain">)"
      R"(<a:themeElements><a:clrScheme name="Plain">)";
  struct colour {
    std::string_view name, value;
  };
  constexpr std::array colours{
      colour{"dk1", "000000"},     colour{"lt1", "FFFFFF"},     colour{"dk2", "1F2937"},
      colour{"lt2", "F3F4F6"},     colour{"accent1", "2563EB"}, colour{"accent2", "16A34A"},
      colour{"accent3", "D97706"}, colour{"accent4", "DC2626"}, colour{"accent5", "7C3AED"},
      colour{"accent6", "0891B2"}, colour{"hlink", "2563EB"},   colour{"folHlink", "7C3AED"}};
  for (const auto& [name, value] : colours) {
    text.append("<a:").append(name).append("><a:srgbClr val=\"").append(value);
    text.append("\"/></a:").append(name).append(">");
  }
  text += R"(</a:clrScheme><a:fontScheme name="Plain">)";
  for (const std::string_view font : {"majorFont", "minorFont"}) {
    text.append("<a:").append(font).append(R"(><a:latin typeface="Arial"/><a:ea typeface=""/>)");
    text.append(R"(<a:cs typeface=""/></a:)").append(font).append(">");
  }
  const auto thrice = [&text](std::string_view list, std::string_view each) {
    text.append("<a:").append(list).append(">").append(each).append(each).append(each);
    text.append("</a:").append(list).append(">");
  };
  constexpr std::string_view fill = R"(<a:solidFill><a:schemeClr val="phClr"/></a:solidFill>)";
  text += R"(</a:fontScheme><a:fmtScheme name="Plain">)";
  thrice("fillStyleLst", fill);
  thrice("lnStyleLst", std::string{"<a:ln>"}.append(fill).append("</a:ln>"));
  thrice("effectStyleLst", "<a:effectStyle><a:effectLst/></a:effectStyle>");
  thrice("bgFillStyleLst", fill);
  return text + "</a:fmtScheme></a:themeElements></a:theme>";
}

}  // namespace

std::string make_pptx(std::string_view text) {
  zip_writer zip;
  const auto add = [&zip](std::string_view name, std::string_view body) {
    zip.add(name, std::string{declaration}.append(body));
  };
  add("[Content_Types].xml", content_types());
  add("_rels/.rels", relations(std::array{relation{"officeDocument", "ppt/presentation.xml"}}));
  add("ppt/presentation.xml", presentation());
  add("ppt/_rels/presentation.xml.rels",
      relations(std::array{relation{"slideMaster", "slideMasters/slideMaster1.xml"},
                           relation{"slide", "slides/slide1.xml"},
                           relation{"theme", "theme/theme1.xml"}}));
  add("ppt/slides/slide1.xml",
      with_shapes("sld", text_box(text), "<p:clrMapOvr><a:masterClrMapping/></p:clrMapOvr>"));
  add("ppt/slides/_rels/slide1.xml.rels",
      relations(std::array{relation{"slideLayout", "../slideLayouts/slideLayout1.xml"}}));
  add("ppt/slideLayouts/slideLayout1.xml",
      with_shapes("sldLayout", "", "<p:clrMapOvr><a:masterClrMapping/></p:clrMapOvr>"));
  add("ppt/slideLayouts/_rels/slideLayout1.xml.rels",
      relations(std::array{relation{"slideMaster", "../slideMasters/slideMaster1.xml"}}));
  add("ppt/slideMasters/slideMaster1.xml",
      with_shapes(
          "sldMaster", "",
          R"(<p:clrMap bg1="lt1" tx1="dk1" bg2="lt2" tx2="dk2" accent1="accent1" )"
          R"(accent2="accent2" accent3="accent3" accent4="accent4" accent5="accent5" )"
          R"(accent6="accent6" hlink="hlink" folHlink="folHlink"/>)"
          R"(<p:sldLayoutIdLst><p:sldLayoutId id="2147483649" r:id="rId1"/></p:sldLayoutIdLst>)"));
  add("ppt/slideMasters/_rels/slideMaster1.xml.rels",
      relations(std::array{relation{"slideLayout", "../slideLayouts/slideLayout1.xml"},
                           relation{"theme", "../theme/theme1.xml"}}));
  add("ppt/theme/theme1.xml", theme());
  return std::move(zip).finish();
}

}  // namespace filemint
