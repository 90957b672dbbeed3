// Draws sites and tours on the outlines of the countries, from the JSON beside it: {places: [{name, latitude_deg, longitude_deg, words, stage}], tours: [{name, points: [[lat, lon]], stage}]}.
addEventListener("DOMContentLoaded", () => {
  for (const box of document.querySelectorAll("[data-places]")) {
    const style = getComputedStyle(document.documentElement);
    const color = name => style.getPropertyValue(`--${name}`).trim();
    const { places, tours } = JSON.parse(document.getElementById(box.dataset.places).textContent);
    const map = L.map(box, { attributionControl: false, worldCopyJump: true });
    fetch(box.dataset.outlines).then(answer => answer.json()).then(land =>
      L.geoJSON(land, { interactive: false, style: { color: color("line"), weight: 1, fillColor: color("card"), fillOpacity: 1 } }).addTo(map).bringToBack());
    const bounds = [];
    for (const tour of tours) {
      L.polyline(tour.points, { color: color(tour.stage ?? "swap"), weight: 2.5, opacity: 0.8 }).bindTooltip(tour.name).addTo(map);
      bounds.push(...tour.points);
    }
    for (const place of places) {
      const at = [place.latitude_deg, place.longitude_deg];
      L.circleMarker(at, { radius: 6, color: color(place.stage ?? "use"), fillOpacity: 0.8 }).bindTooltip(`${place.name}: ${place.words}`).addTo(map);
      bounds.push(at);
    }
    bounds.length ? map.fitBounds(bounds, { padding: [24, 24], maxZoom: 8 }) : map.setView([30, 20], 2);
  }
});
