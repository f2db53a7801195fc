// Served from the package itself: `vendor/uplot.js` is its ES module as it is.
export { default } from 'uplot';
