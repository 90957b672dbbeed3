// Draws what flows where (a Sankey diagram) from the JSON beside it: {nodes: [{name, stage}], links: [{source, target, value}], unit}.
addEventListener("DOMContentLoaded", () => {
  for (const box of document.querySelectorAll("[data-flows]")) {
    const chart = echarts.init(box, null, { renderer: "svg" });
    const draw = () => {
      const style = getComputedStyle(document.documentElement);
      const { nodes, links, unit } = JSON.parse(document.getElementById(box.dataset.flows).textContent);
      chart.setOption({
        animation: false,
        tooltip: { renderMode: "richText", valueFormatter: value => `${value.toLocaleString(document.documentElement.lang, { maximumSignificantDigits: 4 })} ${unit}` },
        series: [{
          type: "sankey", left: 8, right: 190, top: 8, bottom: 8, nodeGap: 12, nodeWidth: 14, emphasis: { focus: "adjacency" },
          data: nodes.map(node => ({ ...node, itemStyle: { color: style.getPropertyValue(`--${node.stage ?? "decide"}`).trim() } })),
          links, lineStyle: { color: "source", opacity: 0.3 }, label: { color: style.getPropertyValue("--ink").trim(), fontSize: 12, width: 180, overflow: "truncate" }, labelLayout: { hideOverlap: true },
        }],
      });
    };
    draw();
    addEventListener("resize", () => chart.resize());
    addEventListener("themechange", draw);
  }
});
